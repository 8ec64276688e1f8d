import { entryOf, isPlainObject, show } from '@engine/core/plain';

/** Data that JSON can say: entries and classes become their names, other objects and functions `<what they are>`. */
export function toPlain(value: unknown): unknown {
  const entry = entryOf(value);
  if (entry !== undefined) return entry.name;
  if (Array.isArray(value)) return value.map(toPlain);
  if (isPlainObject(value)) {
    const present = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(present.map(([key, item]) => [key, toPlain(item)]));
  }
  if (typeof value === 'bigint') return String(value);
  return (typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol'
    ? `<${show(value)}>`
    : value;
}

export interface JsonOptions {
  /** Keys sorted and no spaces: equal configs give equal text. Default false: two spaces of indent, keys as written. */
  readonly canonical?: boolean;
}

/** JSON that reads back to the same numbers: infinities are written as numbers too large for a double, NaN as null. */
export function toJson(data: unknown, options: JsonOptions = {}): string {
  const plain = toPlain(data);
  return options.canonical === true
    ? write(plain, { sort: true, indent: '', margin: '' })
    : `${write(plain, { sort: false, indent: '  ', margin: '' })}\n`;
}

interface Style {
  readonly sort: boolean;
  readonly indent: string;
  readonly margin: string;
}

function write(value: unknown, style: Style): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'null' : value > 0 ? '1e999' : '-1e999';
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = { ...style, margin: style.margin + style.indent };
  if (Array.isArray(value))
    return bracket(
      '[]',
      value.map((item) => write(item, inner)),
      style,
    );
  const entries = Object.entries(value);
  if (style.sort) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  const colon = style.indent === '' ? ':' : ': ';
  return bracket(
    '{}',
    entries.map(([key, item]) => `${JSON.stringify(key)}${colon}${write(item, inner)}`),
    style,
  );
}

function bracket(pair: '[]' | '{}', items: readonly string[], { indent, margin }: Style): string {
  const [open, close] = [pair.charAt(0), pair.charAt(1)];
  if (items.length === 0 || indent === '') return `${open}${items.join(',')}${close}`;
  const inner = `\n${margin}${indent}`;
  const line = `${open}${items.join(', ')}${close}`;
  if (pair === '[]' && line.length <= 100 && !line.includes('\n')) return line;
  return `${open}${inner}${items.join(`,${inner}`)}\n${margin}${close}`;
}
