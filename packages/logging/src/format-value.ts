import { isHostArray } from '@engine/core';

/** What is not a number, as a log line shows it: text bare, arrays on lines of their own, the rest as Python writes it (`{'cat': 1}`). */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isHostArray(value)) return `\n${formatArray([...value.data], value.shape)}\n`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return `\n${literal([...(value as Uint8Array)])}\n`;
  return literal(value);
}

function formatArray(data: readonly (number | bigint)[], shape: readonly number[]): string {
  const [extent, ...inner] = shape;
  if (extent === undefined) return String(data[0]);
  const step = extent === 0 ? 0 : data.length / extent;
  const rows = Array.from({ length: extent }, (_, row) => formatArray(data.slice(row * step, (row + 1) * step), inner));
  return `[${rows.join(', ')}]`;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value);
  if (isHostArray(value)) return formatArray([...value.data], value.shape);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quote(key)}: ${literal(item)}`)
    .join(', ')}}`;
}

/** Single quotes, unless only those occur inside. */
function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}
