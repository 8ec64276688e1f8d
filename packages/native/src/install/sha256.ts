import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { nativeErrors } from '../errors.js';
import type { WheelPin } from '../pins.js';

/** SHA-256 of a file, lower-case hexadecimal. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The pin that a file is; the content decides, not the name. @throws `ENGINE_NATIVE_CHECKSUM` */
export async function identify(file: string, pins: readonly WheelPin[]): Promise<WheelPin> {
  const found = await sha256(file);
  const pin = pins.find((each) => each.sha256 === found);
  if (pin !== undefined) return pin;
  const named = pins.filter((each) => each.file === basename(file));
  const wanted = named.length > 0 ? named : pins;
  throw nativeErrors.CHECKSUM({
    subject: file,
    expected: wanted.map((each) => `${each.file} with SHA-256 ${each.sha256}`).join(', or '),
    received: `SHA-256 ${found}`,
    action:
      'delete the file and fetch it again; if it stays so, the index serves another file than the one that was tried',
  });
}
