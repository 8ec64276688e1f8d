/** The wire format of protocol buffers, as far as event files need it: each function gives one encoded field. */
type Bytes = Uint8Array;

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5] as const;

/** Several fields as the content of one message. */
export function message(...fields: readonly Bytes[]): Bytes {
  const all = new Uint8Array(fields.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const field of fields) {
    all.set(field, at);
    at += field.length;
  }
  return all;
}

/** A whole number of 64 bits. */
export const int = (number: number, value: number): Bytes => message(tag(number, VARINT), varint(BigInt(value)));

export const double = (number: number, value: number): Bytes => message(tag(number, FIXED64), doubles([value]));

export function float(number: number, value: number): Bytes {
  const content = new Uint8Array(4);
  new DataView(content.buffer).setFloat32(0, value, true);
  return message(tag(number, FIXED32), content);
}

/** A text, bytes, or a message inside a message. */
export function bytes(number: number, value: Bytes | string): Bytes {
  const content = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return message(tag(number, LENGTH), varint(BigInt(content.length)), content);
}

/** A packed list of doubles. */
export const packed = (number: number, values: readonly number[]): Bytes => bytes(number, doubles(values));

const tag = (number: number, type: number): Bytes => varint(BigInt((number << 3) | type));

function doubles(values: readonly number[]): Bytes {
  const out = new Uint8Array(8 * values.length);
  const view = new DataView(out.buffer);
  values.forEach((value, index) => view.setFloat64(8 * index, value, true));
  return out;
}

/** Seven bits a byte, the lowest first; negative numbers as 64 bits of two's complement. */
function varint(value: bigint): Bytes {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(out);
}
