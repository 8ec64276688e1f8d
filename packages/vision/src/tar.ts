import { visionErrors } from './errors.js';

const BLOCK = 512;
const [FILE, OLD_FILE, LONG_NAME, ATTRIBUTES] = ['0', '\0', 'L', 'x'];

/**
 * The files of a tar archive (POSIX ustar with the long names of GNU and pax) by their names, as views of `bytes`. Links, devices and folders
 * are passed over; nothing is written anywhere.
 *
 * @throws `ENGINE_VISION_BAD_TAR`
 */
export function readTar(bytes: Uint8Array, file: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files;
    checkHeader(header, { file, at });
    const size = sizeIn(header, { file, at });
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw badTar(file, `${size} bytes from ${at + BLOCK} on`, `${content.length} bytes`);
    const type = text(header.subarray(156, 157)) || OLD_FILE;
    if (type === LONG_NAME) longName = text(content);
    else if (type === ATTRIBUTES) longName = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text(content))?.[1] ?? longName;
    else {
      if (type === FILE || type === OLD_FILE) files.set(longName ?? nameIn(header), content);
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  // Whole archives end with empty blocks.
  throw badTar(file, 'two empty blocks at the end', `the end of the file after ${bytes.length} bytes`);
}

interface Place {
  readonly file: string;
  readonly at: number;
}

/** The sum of the header's bytes, its own field counted as spaces. */
function checkHeader(header: Uint8Array, { file, at }: Place): void {
  const told = Number.parseInt(text(header.subarray(148, 156)).trim(), 8);
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (told !== sum)
    throw badTar(file, `the header of a file at byte ${at}`, `a block whose sum is ${sum}, not ${told}`);
}

/** In octal digits. */
function sizeIn(header: Uint8Array, { file, at }: Place): number {
  const digits = text(header.subarray(124, 136)).trim();
  if (/^[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  throw badTar(file, `the size of a file in octal digits at byte ${at + 124}`, JSON.stringify(digits));
}

function nameIn(header: Uint8Array): string {
  const prefix = text(header.subarray(257, 262)) === 'ustar' ? text(header.subarray(345, 500)) : '';
  return `${prefix === '' ? '' : `${prefix}/`}${text(header.subarray(0, 100))}`;
}

/** Up to the first zero. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function badTar(file: string, expected: string, received: string): Error {
  return visionErrors.BAD_TAR({
    subject: file,
    expected,
    received,
    action: 'fetch the archive again: it is cut off or damaged',
  });
}
