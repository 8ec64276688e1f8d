import { isPlainObject } from '@engine/core/plain';

/** A copy of lists and plain objects, all the way down; typed arrays are copied, anything else is shared. */
export function copyPlain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyPlain) as T;
  if (ArrayBuffer.isView(value) && 'slice' in value) return (value as unknown as Uint8Array).slice() as T;
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyPlain(item)])) as T;
}
