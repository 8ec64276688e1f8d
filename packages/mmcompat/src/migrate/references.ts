/** What a config of MMEngine says in braces or by `_base_`: values of bases, names of the file, environment variables. */
import type { Expression, Spanned } from '../syntax/index.js';
import { type Code, literalCode, quote, textCode } from './code.js';
import type { Names } from './names.js';
import { Untranslatable } from './untranslatable.js';

/** `_base_.a.b`, `_base_['a'][0]`; undefined for anything else. */
export function baseReference(names: Names, node: Expression): Code | undefined {
  const path = pathBelowBase(node);
  return path === undefined || path.length === 0 ? undefined : names.fromBase(path, node);
}

function pathBelowBase(node: Expression): string[] | undefined {
  if (node.kind === 'Name') return node.id === '_base_' ? [] : undefined;
  if (node.kind !== 'Attribute' && node.kind !== 'Subscript') return undefined;
  const above = pathBelowBase(node.value);
  if (above === undefined) return undefined;
  const key = node.kind === 'Attribute' ? node.attr : constantKey(node.index);
  if (key === undefined) throw new Untranslatable(node, 'a computed key of a base');
  return [...above, key];
}

function constantKey(node: Expression): string | undefined {
  if (node.kind === 'UnaryOperation' && node.operator === '-') {
    const key = constantKey(node.operand);
    return key === undefined ? undefined : `-${key}`;
  }
  if (node.kind !== 'Constant') return undefined;
  return typeof node.value === 'string' || typeof node.value === 'bigint' ? String(node.value) : undefined;
}

const BASE = /^\{\{\s*_base_\.([\w.]+)\s*\}\}$/;
const FILE = /\{\{\s*(fileDirname|fileBasename|fileBasenameNoExtension|fileExtname)\s*\}\}/g;
const ENVIRONMENT = /^\{\{\s*\$(\w+)\s*:\s*(\S*?)\s*\}\}$/;

/** A text with something in braces; undefined where there is nothing of the kind. */
export function predefinedText(names: Names, text: string, node: Spanned): Code | undefined {
  if (!text.includes('{{')) return undefined;
  const path = BASE.exec(text)?.[1];
  if (path !== undefined) return names.fromBase(path.split('.'), node);
  const [, variable, fallback = ''] = ENVIRONMENT.exec(text) ?? [];
  if (variable !== undefined) return textCode(`(process.env['${variable}'] ?? ${quote(fallback)})`, 'string');
  return fileText(names, text);
}

function fileText(names: Names, text: string): Code | undefined {
  if (text.search(FILE) < 0) return undefined;
  const file = names.module.source.file.replaceAll('\\', '/');
  const name = file.slice(file.lastIndexOf('/') + 1);
  const known: Readonly<Record<string, string>> = {
    fileBasename: name,
    fileBasenameNoExtension: name.replace(/\.[^.]*$/, ''),
    fileExtname: /\.[^.]*$/.exec(name)?.[0] ?? '',
  };
  const filled = text.replace(FILE, (found, key: string) => known[key] ?? found);
  if (!filled.includes('{{')) return literalCode(filled);
  const template = filled.replace(/[\\`]|\$\{/g, (found) => `\\${found}`).replace(FILE, '${import.meta.dirname}');
  return textCode(`\`${template}\``, 'string');
}
