import { isPlainObject } from './plain-object.js';

const LIMIT = 80;

/** A value as an error message shows it: JSON-like, short, classes and instances by name. */
export function show(value: unknown): string {
  const text = render(value, 0);
  return text.length > LIMIT ? `${text.slice(0, LIMIT - 1)}…` : text;
}

function render(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return describeFunction(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  if (Array.isArray(value))
    return depth > 2
      ? '[…]'
      : `[${value
          .slice(0, 20)
          .map((item) => render(item, depth + 1))
          .join(', ')}]`;
  if (!isPlainObject(value)) return `a ${value.constructor?.name ?? 'nameless object'}`;
  if (depth > 2) return '{…}';
  const items = Object.entries(value)
    .slice(0, 20)
    .map(([key, item]) => `${key}: ${render(item, depth + 1)}`);
  return items.length === 0 ? '{}' : `{ ${items.join(', ')} }`;
}

function describeFunction(value: object & { readonly name?: unknown }): string {
  const isClass = /^class\b/.test(Function.prototype.toString.call(value));
  return `the ${isClass ? 'class' : 'function'} ${typeof value.name === 'string' && value.name !== '' ? value.name : '(anonymous)'}`;
}
