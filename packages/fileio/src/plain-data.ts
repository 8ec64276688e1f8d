import { isHostArray, isPlainObject, sizeOf } from '@engine/core/plain';
import { fileioErrors } from './errors.js';

/** Values that text formats have. */
export type PlainData = null | boolean | number | string | readonly PlainData[] | { readonly [key: string]: PlainData };

const DEEPEST = 1000;

/**
 * What a text format can hold of a value: sets, typed arrays and host arrays (nested by their shape) become lists, maps become objects
 * with the text of their keys. Fields that are undefined are left out.
 *
 * @throws `ENGINE_FILEIO_NOT_DATA` for anything else, and for what contains itself
 */
export function toPlainData(value: unknown, path = '', above: readonly unknown[] = []): PlainData {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  if (typeof value !== 'object' || above.includes(value) || above.length > DEEPEST) throw notData(value, path, above);
  const inside = [...above, value];
  const item = (each: unknown, key: string | number): PlainData => toPlainData(each, `${path}.${key}`, inside);
  if (isHostArray(value)) return nested([...value.data], value.shape, 0);
  if (Array.isArray(value) || value instanceof Set) return [...(value as Iterable<unknown>)].map(item);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return [...(value as unknown as Iterable<unknown>)].map(item);
  if (!(value instanceof Map) && !isPlainObject(value)) throw notData(value, path, above);
  const entries: [string, unknown][] =
    value instanceof Map ? [...value].map(([k, v]) => [keyText(k, path), v]) : Object.entries(value);
  return Object.fromEntries(
    entries.filter(([, each]) => each !== undefined).map(([key, each]) => [key, item(each, key)] as const),
  );
}

/** `data` from `at` on, in lists as deep as `shape` is long. */
function nested(data: readonly (number | bigint)[], shape: readonly number[], at: number): PlainData {
  const [length, ...rest] = shape;
  if (length === undefined) return Number(data[at]);
  const step = sizeOf(rest);
  return Array.from({ length }, (_, index) => nested(data, rest, at + index * step));
}

function keyText(key: unknown, path: string): string {
  if (typeof key === 'object' && key !== null) throw notData(key, `${path} (a key)`, []);
  return String(key);
}

function notData(value: unknown, path: string, above: readonly unknown[]): Error {
  const name = typeof value === 'object' ? `a ${value?.constructor?.name ?? 'bare object'}` : `a ${typeof value}`;
  const what = above.includes(value)
    ? 'an object that contains itself'
    : above.length > DEEPEST
      ? 'endless depth'
      : name;
  return fileioErrors.NOT_DATA({
    subject: path === '' ? 'the value' : path.replace(/^\./, ''),
    expected: 'null, booleans, numbers, text, lists, objects, maps, sets, typed arrays',
    received: what,
    action: 'turn it into one of these first',
  });
}
