import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileioErrors } from './errors.js';

/** What a file must hash to. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'md5';
  /** Hexadecimal, in small letters; the first 8 characters or more. */
  readonly digest: string;
}

const LENGTHS = { sha256: 64, md5: 32 } as const;

/** Checks a checksum as a person writes it; `sha256` may be given in part. @throws `ENGINE_FILEIO_BAD_CHECKSUM` */
export function checksum(algorithm: Checksum['algorithm'], text: string): Checksum {
  const digest = text.toLowerCase();
  const [fewest, most] = [algorithm === 'md5' ? 32 : 8, LENGTHS[algorithm]];
  if (/^[0-9a-f]+$/.test(digest) && digest.length >= fewest && digest.length <= most) return { algorithm, digest };
  throw fileioErrors.BAD_CHECKSUM({
    subject: algorithm,
    expected: fewest === most ? `${most} hexadecimal digits` : `${fewest} to ${most} hexadecimal digits`,
    received: JSON.stringify(text),
    action: 'correct the checksum',
  });
}

/**
 * The beginning of the SHA-256 that a file's name promises, as published weights have it: `resnet18-f37072fd.safetensors`.
 * Eight decimal digits that are a date are none.
 */
export function checksumInName(name: string): Checksum | undefined {
  const digest = /-([0-9a-f]{8,64})\.[\w.]+$/.exec(name)?.[1];
  if (digest === undefined || /^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.test(digest)) return undefined;
  return { algorithm: 'sha256', digest };
}

/** @throws `ENGINE_FILEIO_CHECKSUM`, and what the system says */
export async function verify(file: string, { algorithm, digest }: Checksum, subject: string): Promise<void> {
  const found = await digestOf(file, algorithm);
  if (found.startsWith(digest)) return;
  throw fileioErrors.CHECKSUM({
    subject,
    expected: `${algorithm} ${digest}${digest.length < LENGTHS[algorithm] ? '...' : ''}`,
    received: `${algorithm} ${found}`,
    action: 'check the address: the file there is damaged, or is not the one that was meant',
  });
}

async function digestOf(file: string, algorithm: Checksum['algorithm']): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
