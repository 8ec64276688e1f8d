/** How files of PyTorch begin. Little, for everybody who opens a file of weights loads it. */

/** The first pickle of files before PyTorch 1.6. */
export const MAGIC = 0x1950a86a20f9469cfc6cn;
/** {@link MAGIC} in protocols from 2 on. */
const MAGIC_OPCODE = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** PyTorch 1.6 and later, and every other zip. */
export const isZip = (bytes: Uint8Array): boolean => startsWith(bytes, 'PK\x03\x04');

/** PyTorch before 1.6. */
export function isLegacy(bytes: Uint8Array): boolean {
  if (startsWith(bytes, `L${MAGIC}`)) return true; // protocol 1
  const at = bytes[2] === 0x95 ? 11 : 2; // protocols from 4 on begin with a frame
  return bytes[0] === 0x80 && MAGIC_OPCODE.every((byte, i) => bytes[at + i] === byte);
}

/** PyTorch in its beginnings. */
export const isTar = (bytes: Uint8Array): boolean => startsWith(bytes.subarray(257), 'ustar');

/** Whether content is a file of `torch.save`, or something that {@link readTorch} says more about. Files in safetensors format are not. */
export function looksLikeTorch(bytes: Uint8Array): boolean {
  return (isZip(bytes) && bytes[8] !== 0x7b) || isLegacy(bytes) || isTar(bytes);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, text.length)) === text;
}
