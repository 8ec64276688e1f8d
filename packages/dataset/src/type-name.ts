import { type HostArray, isHostArray } from '@engine/core/plain';

/** `float32 (2, 3)` */
export function showArray(array: HostArray): string {
  return `${array.dtype} (${array.shape.join(', ')})`;
}

/** What kind of value, for messages. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (isHostArray(value)) return showArray(value);
  return typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value;
}
