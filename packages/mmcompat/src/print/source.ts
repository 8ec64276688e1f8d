/** A config as Python source, before it is laid out: what MMEngine hands to its formatter. */
import { compareText } from '../values/compare.js';
import { PyDict } from '../values/dict.js';
import { repr, str } from '../values/repr.js';
import { PyTuple, type PyValue } from '../values/value.js';
import { endless } from './canonical.js';

const INDENT = 4;
const DEEPEST = 200;

/** `key=value` lines, sorted by key at every level. @throws `ENGINE_MMCOMPAT_TOO_LARGE` */
export function pythonSource(config: PyDict): string {
  return dictText(config, true, 0);
}

export function isIdentifier(text: string): boolean {
  return /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text);
}

function indented(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(INDENT)}`);
}

function dictText(dict: PyDict, isOutermost: boolean, depth: number): string {
  if (depth > DEEPEST) throw endless();
  const entries = [...dict.entries()].map((entry) => ({ ...entry, name: str(entry.key) }));
  const isMapping = entries.some(({ name }) => !isIdentifier(name));
  const sorted = entries.sort((left, right) => compareText(left.name, right.name));
  const lines = sorted.map(({ key, name, value }, index) => {
    const start = isMapping ? `${typeof key === 'string' ? `'${key}'` : name}: ` : `${name}=`;
    const end = isOutermost || index === sorted.length - 1 ? '' : ',';
    return indented(valueText(start, value, depth)) + closing(value) + end;
  });
  return isMapping ? `{${lines.join('\n')}}` : lines.join('\n');
}

function valueText(start: string, value: PyValue, depth: number): string {
  if (value instanceof PyDict) return `${start}dict(\n${dictText(value, false, depth + 1)}`;
  if (Array.isArray(value)) return `${start}[\n${itemsText(value, depth + 1)}`;
  if (value instanceof PyTuple) return `${start}(\n${itemsText(value.items, depth + 1)}`;
  return start + (typeof value === 'string' ? repr(value) : str(value));
}

/** The bracket that {@link valueText} leaves open. */
function closing(value: PyValue): string {
  if (Array.isArray(value)) return ']';
  return value instanceof PyDict || value instanceof PyTuple ? ')' : '';
}

function itemsText(items: readonly PyValue[], depth: number): string {
  if (depth > DEEPEST) throw endless();
  return items.map((item) => `${itemText(item, depth)},\n`).join('');
}

function itemText(item: PyValue, depth: number): string {
  if (item instanceof PyDict) return `dict(${indented(dictText(item, false, depth + 1))})`;
  if (Array.isArray(item)) return indented(`${indented(`[\n${itemsText(item, depth + 1)}`)}]`);
  if (item instanceof PyTuple) return indented(`${indented(`(\n${itemsText(item.items, depth + 1)}`)})`);
  return typeof item === 'string' ? indented(repr(item)) : str(item);
}
