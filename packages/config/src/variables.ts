/** Variables in the text of JSON, YAML and TOML configs: facts about the file, the environment, and values of the bases. */
import type { SourceLocation } from '@engine/core';
import { nearest } from '@engine/registry';
import { configErrors } from './errors.js';
import { LineStarts } from './line-starts.js';
import { Rewriting } from './rewriting.js';
import { type MapNode, type Node, nodeAt, rebuild } from './tree.js';

// repetitions are bounded, so that text which is nearly a variable again and again takes no longer than other text
const FILE = /\{\{\s{0,99}(\w{1,99})\s{0,99}\}\}/g;

/** Replaces `{{ fileDirname }}`, `{{ fileBasename }}`, `{{ fileBasenameNoExtension }}` and `{{ fileExtname }}`; paths get forward slashes. */
export function substituteFileVariables(text: string, file: string, rewriting = new Rewriting(text)): string {
  const path = file.replaceAll('\\', '/');
  const base = path.slice(path.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  const values: Readonly<Record<string, string>> = {
    fileDirname: path.slice(0, Math.max(0, path.lastIndexOf('/'))) || (path.startsWith('/') ? '/' : '.'),
    fileBasename: base,
    fileBasenameNoExtension: dot > 0 ? base.slice(0, dot) : base,
    fileExtname: dot > 0 ? base.slice(dot) : '',
  };
  return rewriting.replace(
    text,
    FILE,
    ([whole, name = '']) => (Object.hasOwn(values, name) ? values[name] : undefined) ?? whole,
  );
}

const ENVIRONMENT = /\{\{(['"]?)\s{0,99}\$(\w{1,255})\s{0,99}:[ \t]{0,99}(\S{0,255}?)\s{0,99}\1\}\}/g;

/**
 * Replaces `{{$NAME:default}}` by the environment's value, else by the default. Quotes just inside the braces vanish, so that the value
 * keeps its type.
 *
 * @throws `ENGINE_CONFIG_MISSING_ENV` when neither is there
 */
export function substituteEnvironment(
  text: string,
  env: (name: string) => string | undefined,
  file: string,
  rewriting = new Rewriting(text),
): string {
  const place = rewriting.placesIn(text);
  return rewriting.replace(text, ENVIRONMENT, (match) => {
    const [whole, , name = '', fallback] = match;
    const value = env(name) ?? fallback ?? '';
    if (value !== '') return value;
    throw configErrors.MISSING_ENV({
      subject: name,
      expected: `the environment variable ${name}, or a default after the colon`,
      received: whole,
      action: `set ${name}, or write {{$${name}:default}}`,
      at: { file, ...place(new LineStarts(text).position(match.index)) },
    });
  });
}

/** A text whose `{{_base_.path}}` references are replaced by tokens that survive parsing, quoted unless they stand inside a text. */
export interface Tokenized {
  readonly text: string;
  /** Token → path. */
  readonly references: ReadonlyMap<string, string>;
}

const BASE_REFERENCE = /(["']?)\{\{\s{0,99}_base_\.([\w.]{1,999})\s{0,99}\}\}\1/g;

export function tokenizeBaseReferences(text: string, rewriting = new Rewriting(text)): Tokenized {
  const references = new Map<string, string>();
  const replaced = rewriting.replace(text, BASE_REFERENCE, ({ 1: quote = '', 2: path = '', index }) => {
    const token = `__engine_base_reference_${references.size}__`;
    references.set(token, path);
    const before = text.slice(0, index);
    const isWholeValue = quote !== '' || /(?:^|\n)[ \t]*$/.test(before) || /[:,[{=-]\s*$/.test(before);
    return isWholeValue ? `"${token}"` : token;
  });
  return { text: replaced, references };
}

/**
 * Puts the values of the bases in the place of their tokens.
 *
 * @throws `ENGINE_CONFIG_UNKNOWN_BASE_KEY`, `ENGINE_CONFIG_EMBEDDED_REFERENCE`
 */
export function resolveBaseReferences(node: Node, references: ReadonlyMap<string, string>, base: MapNode): Node {
  return references.size === 0 ? node : rebuild(node, (child) => resolveReference(child, references, base));
}

function resolveReference(node: Node, references: ReadonlyMap<string, string>, base: MapNode): Node {
  if (node.kind !== 'value' || typeof node.value !== 'string') return node;
  const { value, at } = node;
  const path = references.get(value);
  if (path !== undefined) return { ...baseValue(path, base, at), at, overrode: undefined, note: `{{_base_.${path}}}` };
  const inside = [...references].find(([token]) => value.includes(token));
  if (inside === undefined) return node;
  throw configErrors.EMBEDDED_REFERENCE({
    expected: 'a reference to a base value that stands alone',
    received: value.replaceAll(inside[0], `{{_base_.${inside[1]}}}`),
    action: 'write the whole value as {{_base_.path}}, or write the text out',
    at,
  });
}

function baseValue(path: string, base: MapNode, at: SourceLocation | undefined): Node {
  const found = nodeAt(base, path.split('.'));
  if (found !== undefined) return found;
  const meant = nearest(path, base.entries.keys());
  throw configErrors.UNKNOWN_BASE_KEY({
    subject: `_base_.${path}`,
    expected: `a value of the bases: ${[...base.entries.keys()].join(', ') || 'they define none'}`,
    received: `{{_base_.${path}}}`,
    action: meant === undefined ? 'name a value that a base defines' : `write {{_base_.${meant}}}`,
    at,
  });
}
