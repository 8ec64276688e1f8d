/** Takes files out of a wheel, which is a zip: as streams, for they are larger than memory should be. */
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { nativeErrors } from '../errors.js';

interface Member {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

const [END, ENTRY, LOCAL, END64, LOCATOR64] = [0x06054b50, 0x02014b50, 0x04034b50, 0x06064b50, 0x07064b50];
const [STORED, DEFLATED] = [0, 8];
const MAX_COMMENT = 65_535;
const UNKNOWN = 0xffffffff;

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
    const members = (await listMembers(file, wheel)).filter(({ name }) => isWanted(name) && !name.endsWith('/'));
    for (const member of members) await write({ file, wheel, into, onBytes }, member);
    return members.map(({ name }) => name);
  } finally {
    await file.close();
  }
}

async function listMembers(file: FileHandle, wheel: string): Promise<Member[]> {
  const { size } = await file.stat();
  const tail = await read(file, Math.max(0, size - MAX_COMMENT - 22), Math.min(size, MAX_COMMENT + 22));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
  if (end < 0) throw badWheel(wheel, `${size} bytes without the end of a zip: cut off, or no wheel`);
  let [count, start] = [tail.readUInt16LE(end + 10), tail.readUInt32LE(end + 16)];
  if (start === UNKNOWN || count === 0xffff) {
    const locator = end - 20;
    if (locator < 0 || tail.readUInt32LE(locator) !== LOCATOR64) throw badWheel(wheel, 'a zip64 without its locator');
    const record = await read(file, Number(tail.readBigUInt64LE(locator + 8)), 56);
    if (record.length < 56 || record.readUInt32LE(0) !== END64) throw badWheel(wheel, 'a zip64 without its end');
    [count, start] = [Number(record.readBigUInt64LE(32)), Number(record.readBigUInt64LE(48))];
  }
  const directory = await read(file, start, size - start);
  const members: Member[] = [];
  for (let at = 0; members.length < count; ) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY)
      throw badWheel(wheel, `a list of files that ends after ${members.length} of ${count}`);
    const [nameLength, extraLength, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    members.push(
      withLargeSizes(extra, {
        name: directory.toString('utf8', at + 46, at + 46 + nameLength),
        method: directory.readUInt16LE(at + 10),
        crc: directory.readUInt32LE(at + 16),
        packed: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        offset: directory.readUInt32LE(at + 42),
      }),
    );
    at += 46 + nameLength + extraLength + comment;
  }
  return members;
}

/** Sizes of 4 GiB and more stand in an extra field, in a fixed order, those only that did not fit. */
function withLargeSizes(extra: Buffer, member: Member): Member {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    const value = (given: number): number => {
      if (given !== UNKNOWN || next + 8 > extra.length) return given;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    };
    const size = value(member.size);
    const packed = value(member.packed);
    return { ...member, size, packed, offset: value(member.offset) };
  }
  return member;
}

interface Place {
  readonly file: FileHandle;
  readonly wheel: string;
  readonly into: string;
  readonly onBytes: (bytes: number) => void;
}

async function write({ file, wheel, into, onBytes }: Place, member: Member): Promise<void> {
  const { name, method, offset, packed, size, crc } = member;
  if (name.split('/').includes('..') || name.startsWith('/') || name.includes('\\') || name.includes(':'))
    throw badWheel(wheel, `a file that would lie outside: ${name}`);
  const header = await read(file, offset, 30);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL)
    throw badWheel(wheel, `no file ${name} where it should be`);
  if (method !== STORED && method !== DEFLATED) throw badWheel(wheel, `${name} packed by method ${method}`);
  const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
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
    const source = packed === 0 ? Readable.from([]) : createReadStream(wheel, range);
    if (method === STORED) await pipeline(source, count, output);
    else await pipeline(source, createInflateRaw(), count, output);
  } catch (cause) {
    if (isZlib(cause)) throw badWheel(wheel, `${name} cannot be unpacked: ${cause.message}`);
    throw cause;
  }
  if (written !== size || sum !== crc) throw badWheel(wheel, `${name} with other content than the zip says`);
}

const isZlib = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, length));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

export function badWheel(wheel: string, received: string): Error {
  return nativeErrors.BAD_WHEEL({
    subject: wheel,
    expected: 'a whole wheel with the libraries in it',
    received,
    action:
      'fetch it again: engine backend install node, or pip download --no-deps of the project and version in its name',
  });
}
