/** Takes files out of a wheel, which is a zip: as streams, for they are larger than memory should be. */
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { listZip, type ZipMember, type ZipSource, zipDataStart } from '@engine/core/plain';
import { nativeErrors } from '../errors.js';

const [STORED, DEFLATED] = [0, 8];

/**
 * Writes the wanted files of a wheel below `into` and returns their names.
 * @throws `ENGINE_NATIVE_BAD_WHEEL` for what is no zip, is cut off, broken, or would write outside of `into`
 */
export async function extract(
  wheel: string,
  into: string,
  isWanted: (name: string) => boolean,
  onBytes: (bytes: number) => void = () => {},
): Promise<string[]> {
  const file = await open(wheel, 'r');
  try {
    const source = await wheelOf(file, wheel);
    const members = (await listZip(source)).filter(({ name }) => isWanted(name) && !name.endsWith('/'));
    for (const member of members) await write({ source, into, onBytes }, member);
    return members.map(({ name }) => name);
  } finally {
    await file.close();
  }
}

/** An open file as the lister of core reads it. */
interface Wheel extends ZipSource {
  readonly path: string;
}

async function wheelOf(file: FileHandle, path: string): Promise<Wheel> {
  const { size } = await file.stat();
  return {
    path,
    size,
    read: async (position, length) => {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      return buffer.subarray(0, bytesRead);
    },
    refuse: (what, received) => badWheel(path, what === 'truncated' ? `${received}: cut off, or no wheel` : received),
  };
}

interface Place {
  readonly source: Wheel;
  readonly into: string;
  readonly onBytes: (bytes: number) => void;
}

async function write({ source, into, onBytes }: Place, member: ZipMember): Promise<void> {
  const { name, method, packed, size, crc } = member;
  const wheel = source.path;
  if (name.split('/').includes('..') || name.startsWith('/') || name.includes('\\') || name.includes(':'))
    throw badWheel(wheel, `a file that would lie outside: ${name}`);
  if (method !== STORED && method !== DEFLATED) throw badWheel(wheel, `${name} packed by method ${method}`);
  const start = await zipDataStart(source, member);
  const target = join(into, name);
  await mkdir(dirname(target), { recursive: true });
  let [written, sum] = [0, 0];
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      written += chunk.length;
      sum = crc32(chunk, sum);
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const output = createWriteStream(target, { mode: 0o644 });
  try {
    const range = { start, end: start + packed - 1, highWaterMark: 2 ** 20 };
    const bytes = packed === 0 ? Readable.from([]) : createReadStream(wheel, range);
    if (method === STORED) await pipeline(bytes, count, output);
    else await pipeline(bytes, createInflateRaw(), count, output);
  } catch (cause) {
    if (isZlib(cause)) throw badWheel(wheel, `${name} cannot be unpacked: ${cause.message}`);
    throw cause;
  }
  if (written !== size || sum !== crc) throw badWheel(wheel, `${name} with other content than the zip says`);
}

const isZlib = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

export function badWheel(wheel: string, received: string): Error {
  return nativeErrors.BAD_WHEEL({
    subject: wheel,
    expected: 'a whole wheel with the libraries in it',
    received,
    action:
      'fetch it again: engine backend install node, or pip download --no-deps of the project and version in its name',
  });
}
