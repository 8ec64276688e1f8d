import type { Fail, PlainImage } from './plain-image.js';

const [FILE_HEADER, INFO_HEADER] = [14, 40];
const DEPTHS: ReadonlySet<number> = new Set([1, 4, 8, 24, 32]);

/**
 * Reads a Windows bitmap without compression: 24 or 32 bits in blue, green, red, of which a fourth byte is passed over; or 1, 4 or 8 bits with a palette, which is one
 * channel where all its colours are grey. Undefined for what is no bitmap.
 * @throws what `fail` makes
 */
export function readBmp(bytes: Uint8Array, fail: Fail): PlainImage | undefined {
  if (bytes[0] !== 0x42 || bytes[1] !== 0x4d) return undefined;
  if (bytes.length < FILE_HEADER + INFO_HEADER) throw fail('a BMP that ends in its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [start, header] = [view.getUint32(10, true), view.getUint32(14, true)];
  const [width, rows] = [view.getInt32(18, true), view.getInt32(22, true)];
  const [bits, compression] = [view.getUint16(28, true), view.getUint32(30, true)];
  if (header < INFO_HEADER || compression !== 0 || !DEPTHS.has(bits))
    throw fail(
      `a BMP of kind ${header}, ${bits} bits, compression ${compression}; BMPs of kind 40 or above without compression are read`,
    );
  const height = Math.abs(rows); // negative: the first row is the top one
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (width < 1 || height < 1 || start + stride * height > bytes.length)
    throw fail(`a BMP of ${width} x ${height} pixels that is cut off`);
  const rowAt = (y: number) => bytes.subarray(start + stride * (rows < 0 ? y : height - 1 - y));
  if (bits > 8) return { width, height, channels: 3, data: colours({ width, height }, rowAt, bits / 8) };
  const palette = bytes.subarray(FILE_HEADER + header, start);
  const channels = isGrey(palette) ? 1 : 3;
  return { width, height, channels, data: lookedUp({ width, height, channels }, rowAt, { bits, palette }) };
}

type Size = Pick<PlainImage, 'width' | 'height'>;
type RowAt = (y: number) => Uint8Array;

function colours({ width, height }: Size, rowAt: RowAt, step: number): Uint8Array {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const row = rowAt(y);
    for (let x = 0; x < width; x++, to += 3) for (let c = 0; c < 3; c++) data[to + c] = row[x * step + 2 - c] as number;
  }
  return data;
}

function lookedUp(
  { width, height, channels }: Omit<PlainImage, 'data'>,
  rowAt: RowAt,
  { bits, palette }: { readonly bits: number; readonly palette: Uint8Array },
): Uint8Array {
  const data = new Uint8Array(width * height * channels);
  const mask = 2 ** bits - 1;
  for (let y = 0, to = 0; y < height; y++) {
    const row = rowAt(y);
    for (let x = 0, bit = 0; x < width; x++, bit += bits, to += channels) {
      const index = ((row[bit >> 3] as number) >> (8 - bits - (bit & 7))) & mask;
      for (let c = 0; c < channels; c++) data[to + c] = palette[index * 4 + 2 - c] ?? 0;
    }
  }
  return data;
}

function isGrey(palette: Uint8Array): boolean {
  for (let i = 0; i < palette.length; i += 4)
    if (palette[i] !== palette[i + 1] || palette[i] !== palette[i + 2]) return false;
  return true;
}
