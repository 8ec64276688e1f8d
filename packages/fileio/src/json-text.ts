import type { PlainData } from './plain-data.js';

/** JSON, and the NaN and Infinity that Python writes. @throws SyntaxError */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  let mark = '$number';
  while (text.includes(mark)) mark += '_';
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)/g, (found) =>
    found.startsWith('"') ? found : JSON.stringify({ [mark]: found }),
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && mark in value
      ? Number((value as Record<string, unknown>)[mark])
      : value,
  ) as unknown;
}

/**
 * JSON as Python's `json` writes it: `", "` and `": "` between parts, NaN and Infinity as they are, other than ASCII escaped.
 * `indent`: spaces for each level, each part on a line of its own.
 */
export function toJsonText(value: PlainData, indent?: number): string {
  return write(value, indent === undefined ? undefined : { step: ' '.repeat(indent), before: '\n' });
}

interface Layout {
  readonly step: string;
  /** Line break and indentation of the level that is being written. */
  readonly before: string;
}

function write(value: PlainData, layout: Layout | undefined): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return textOf(value);
  if (value === null || typeof value === 'boolean') return String(value);
  const inner = layout && { ...layout, before: layout.before + layout.step };
  const isList = Array.isArray(value);
  const parts = isList
    ? (value as readonly PlainData[]).map((item) => write(item, inner))
    : Object.entries(value).map(([key, item]) => `${textOf(key)}: ${write(item as PlainData, inner)}`);
  const [open, close] = isList ? '[]' : '{}';
  if (inner === undefined || parts.length === 0) return `${open}${parts.join(', ')}${close}`;
  return `${open}${inner.before}${parts.join(`,${inner.before}`)}${layout?.before}${close}`;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function textOf(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
