/** Checksums of 32 bits whose polynomial is given lowest bit first. */
function checksumOf(polynomial: number): (bytes: Uint8Array) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
  return (bytes) => {
    let crc = 0xffffffff;
    for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
    return (crc ^ 0xffffffff) >>> 0;
  };
}

/** The checksum in PNG files. */
export const crc32 = checksumOf(0xedb88320);

/** Castagnoli's, in TensorBoard's event files. */
export const crc32c = checksumOf(0x82f63b78);
