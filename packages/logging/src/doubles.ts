/** Doubles in JSON without loss: their bytes, little endian, in base64. Short (11 characters each) and fit for NaN and infinities. */

export function encodeDoubles(values: Float64Array): string {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  for (let i = 0; i < values.length; i += 1) view.setFloat64(i * 8, values[i] as number, true);
  const bytes = new Uint8Array(view.buffer);
  let text = '';
  for (let from = 0; from < bytes.length; from += CHUNK) {
    text += btoa(String.fromCharCode(...bytes.subarray(from, from + CHUNK)));
  }
  return text;
}

/** Undefined when `text` is not what {@link encodeDoubles} writes. */
export function decodeDoubles(text: unknown): Float64Array | undefined {
  if (typeof text !== 'string' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const latin = atob(text);
  if (latin.length % 8 !== 0) return undefined;
  const view = new DataView(new ArrayBuffer(latin.length));
  for (let i = 0; i < latin.length; i += 1) view.setUint8(i, latin.charCodeAt(i));
  const values = new Float64Array(latin.length / 8);
  for (let i = 0; i < values.length; i += 1) values[i] = view.getFloat64(i * 8, true);
  return values;
}

/** A multiple of 3, so that pieces of base64 join without padding between them. */
const CHUNK = 3 * 4096;
