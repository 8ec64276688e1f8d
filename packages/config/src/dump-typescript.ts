import { toPlain } from './dump.js';

/** A TypeScript config: `export default defineConfig({ ... })`. Entries and classes become their names. */
export function toTypeScript(data: unknown): string {
  const literal = write(toPlain(data), '');
  return `import { defineConfig } from '@engine/standard';\n\nexport default defineConfig(${literal});\n`;
}

const WIDTH = 100;

function write(value: unknown, margin: string): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value).replace('NaN', 'Number.NaN');
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${margin}  `;
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => write(item, inner))
    : Object.entries(value).map(([key, item]) => `${writeKey(key)}: ${write(item, inner)}`);
  const [open, close] = isList ? '[]' : '{}';
  if (items.length === 0) return `${open}${close}`;
  const line = isList ? `[${items.join(', ')}]` : `{ ${items.join(', ')} }`;
  const fits = margin.length + line.length <= WIDTH && !line.includes('\n') && margin !== '';
  return fits ? line : `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${margin}${close}`;
}

function writeKey(key: string): string {
  if (key === '__proto__') return "['__proto__']"; // plain, it would set the prototype
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

function quote(text: string): string {
  const json = JSON.stringify(text);
  const inner = json.slice(1, -1);
  const escaped = inner.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return text.includes("'") && !text.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
