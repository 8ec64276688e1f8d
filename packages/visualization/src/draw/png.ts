import { crc32 } from '../checksum.js';
import { checkImage, type Image } from './image.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Channels → PNG's colour type. */
const COLOR_TYPES: Readonly<Record<number, number>> = { 1: 0, 3: 2, 4: 6 };

/**
 * A picture as the bytes of a PNG file: 8 bits a channel, gray, RGB or RGBA as it is.
 * @throws `ENGINE_VISUALIZATION_BAD_IMAGE`
 */
export async function encodePng(image: Image): Promise<Uint8Array> {
  const [height, width, channels] = checkImage(image);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOR_TYPES[channels] ?? 0], 8);
  const pixels = await deflate(filtered(image.data, height, width * channels));
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', new Uint8Array()),
  ];
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Each line with the difference to the line above: flat areas and drawings compress well. */
function filtered(data: Uint8Array, height: number, stride: number): Uint8Array<ArrayBuffer> {
  const lines = new Uint8Array(height * (stride + 1));
  for (let row = 0; row < height; row += 1) {
    const to = row * (stride + 1);
    lines[to] = 2;
    for (let at = 0; at < stride; at += 1) {
      const from = row * stride + at;
      lines[to + 1 + at] = (data[from] ?? 0) - (row === 0 ? 0 : (data[from - stride] ?? 0));
    }
  }
  return lines;
}

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}
