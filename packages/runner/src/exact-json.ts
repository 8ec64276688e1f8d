/** JSON that keeps every double: NaN, infinities and -0 travel as `{ "$number": "NaN" }`. */
import type { Json } from '@engine/core';

export function stringifyNumbers(value: Json): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && isLostInJson(item) ? { $number: Object.is(item, -0) ? '-0' : String(item) } : item,
  );
}

/** @throws SyntaxError */
export function parseNumbers(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => (isMarked(item) ? Number(item.$number) : item));
}

function isLostInJson(value: number): boolean {
  return !Number.isFinite(value) || Object.is(value, -0);
}

function isMarked(value: unknown): value is { readonly $number: string } {
  return typeof value === 'object' && value !== null && '$number' in value && typeof value.$number === 'string';
}
