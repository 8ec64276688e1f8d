import { type HostArray, hostArray, sizeOf } from '@engine/core';
import { visionErrors } from './errors.js';

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of unsigned bytes (magic 00 00 08 and the number of dimensions, big-endian extents, data).
 * The result is a view of `bytes`.
 *
 * @throws `ENGINE_VISION_IDX_TRUNCATED`, `ENGINE_VISION_IDX_MAGIC`, `ENGINE_VISION_IDX_TOO_LONG`: a file is taken whole or not at all
 */
export function parseIdx(
  bytes: Uint8Array,
  { file, dimensions }: { readonly file: string; readonly dimensions: number },
): HostArray<'uint8'> {
  const header = 4 + 4 * dimensions;
  if (bytes.length >= 4) checkMagic(bytes, { file, dimensions });
  if (bytes.length < header) throw truncated(file, `a header of ${header} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const total = header + sizeOf(shape);
  if (bytes.length < total) throw truncated(file, `${total} bytes for shape (${shape.join(', ')})`, bytes.length);
  if (bytes.length > total) {
    throw visionErrors.IDX_TOO_LONG({
      subject: file,
      expected: `${total} bytes for shape (${shape.join(', ')})`,
      received: `${bytes.length} bytes`,
      action: 'replace the file by an intact copy: something was appended, or its header is damaged',
    });
  }
  return hostArray('uint8', shape, new Uint8Array(bytes.buffer, bytes.byteOffset + header, total - header));
}

function checkMagic(
  bytes: Uint8Array,
  { file, dimensions }: { readonly file: string; readonly dimensions: number },
): void {
  const expected = [0, 0, UNSIGNED_BYTE, dimensions];
  if (expected.every((byte, i) => bytes[i] === byte)) return;
  throw visionErrors.IDX_MAGIC({
    subject: file,
    expected: `an IDX file of ${dimensions}-dimensional unsigned bytes, which begins with ${hex(expected)}`,
    received: hex([...bytes.subarray(0, 4)]),
    action:
      'check that the file is the right one (images: idx3, labels: idx1) and not, say, a web page saved under its name',
  });
}

function truncated(file: string, expected: string, length: number): Error {
  return visionErrors.IDX_TRUNCATED({
    subject: file,
    expected,
    received: `${length} bytes`,
    action: 'fetch the file again: it is cut off',
  });
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
