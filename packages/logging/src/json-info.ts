import { isPlainObject, type Json } from '@engine/core';

/** Facts in JSON without loss of numbers: what JSON has no word for (NaN, infinities, -0) becomes `{ "$number": "NaN" }`. */

/** Undefined when `value` holds something that is neither plain data nor a number, or itself. */
export function encodeInfo(value: unknown, above: readonly object[] = []): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (typeof value !== 'object' || above.includes(value)) return undefined;
  const inside = [...above, value];
  if (Array.isArray(value)) {
    const items = value.map((item) => encodeInfo(item, inside));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (!isPlainObject(value)) return undefined;
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const encoded = encodeInfo(item, inside);
    if (encoded === undefined) return undefined;
    entries.push([/^\$+number$/.test(key) ? `$${key}` : key, encoded]);
  }
  return Object.fromEntries(entries);
}

/** Undoes {@link encodeInfo}. */
export function decodeInfo(json: Json): unknown {
  if (Array.isArray(json)) return json.map(decodeInfo);
  if (typeof json !== 'object' || json === null) return json;
  if (typeof json.$number === 'string') return Number(json.$number);
  return Object.fromEntries(
    Object.entries(json).map(([key, item]) => [/^\$\$+number$/.test(key) ? key.slice(1) : key, decodeInfo(item)]),
  );
}
