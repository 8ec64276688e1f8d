/** The bytes of an IDX file of unsigned bytes. */
export function idxFile(shape: readonly number[], data: ArrayLike<number>): Uint8Array {
  const header = 4 + 4 * shape.length;
  const bytes = new Uint8Array(header + data.length);
  bytes.set([0, 0, 0x08, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent));
  bytes.set(data, header);
  return bytes;
}
