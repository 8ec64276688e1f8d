import { roundHalfEven } from './number-image.js';
import type { Fail, PlainImage } from './plain-image.js';

const GAP = String.raw`(?:\s|#[^\r\n]*[\r\n])+`;
const HEADER = new RegExp(`^P([56])${GAP}(\\d+)${GAP}(\\d+)${GAP}(\\d+)\\s`);
/** A header is no longer, comments and all. */
const LONGEST = 4096;

/**
 * Reads a binary PGM or PPM (P5, P6). Values up to a largest one are stretched to 255, or to 65535 where they have two bytes, and rounded as Pillow rounds.
 * Undefined for what is neither.
 * @throws what `fail` makes
 */
export function readNetpbm(bytes: Uint8Array, fail: Fail): PlainImage | undefined {
  const found = HEADER.exec(new TextDecoder('latin1').decode(bytes.subarray(0, LONGEST)));
  if (found === null) return undefined;
  const [header, kind, ...numbers] = found;
  const [width = 0, height = 0, top = 0] = numbers.map(Number);
  const channels = kind === '5' ? 1 : 3;
  const length = width * height * channels;
  const bytesEach = top > 255 ? 2 : 1;
  if (length === 0 || top < 1 || top > 65_535)
    throw fail(`a PNM of ${width} x ${height} pixels with values up to ${top}`);
  if (header.length + length * bytesEach > bytes.length)
    throw fail(`a PNM of ${width} x ${height} pixels that is cut off`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + header.length, length * bytesEach);
  return { width, height, channels, data: bytesEach === 1 ? ofBytes(view, top) : ofPairs(view, top) };
}

function ofBytes(view: DataView, top: number): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, value) => stretched(value, top, 255));
  return Uint8Array.from({ length: view.byteLength }, (_, i) => table[view.getUint8(i)] as number);
}

function ofPairs(view: DataView, top: number): Uint16Array {
  return Uint16Array.from({ length: view.byteLength / 2 }, (_, i) => stretched(view.getUint16(i * 2), top, 65_535));
}

const stretched = (value: number, top: number, largest: number): number =>
  Math.min(largest, roundHalfEven((value / top) * largest));
