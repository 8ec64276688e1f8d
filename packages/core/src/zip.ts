/** The list of files of a zip archive (PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.3), from wherever its bytes are. Unpacks nothing. */

/** An archive's bytes, and how its reader refuses what is no whole archive. */
export interface ZipSource {
  /** Bytes of the whole file. */
  readonly size: number;
  /** The bytes at a place; fewer where the file ends. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** The error for an archive that ends too early, or breaks the rules. `received` is what was found. */
  refuse(what: 'truncated' | 'broken', received: string): Error;
}

/** A file of an archive, as the list at its end says. */
export interface ZipMember {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  /** Bytes in the archive. */
  readonly packed: number;
  /** Bytes when unpacked. */
  readonly size: number;
  /** Where its local header begins, which {@link zipDataStart} reads. */
  readonly offset: number;
}

const [END, ENTRY, LOCAL, END64, LOCATOR64] = [0x06054b50, 0x02014b50, 0x04034b50, 0x06064b50, 0x07064b50];
const [END_BYTES, ENTRY_BYTES, LOCAL_BYTES, END64_BYTES, LOCATOR64_BYTES] = [22, 46, 30, 56, 20];
const MAX_COMMENT = 65_535;
const UNKNOWN = 0xffffffff;

/**
 * Every file of the archive, in the order of its list; zip64 too. Folders are files whose names end with `/`.
 * @throws what `source.refuse` makes
 */
export async function listZip(source: ZipSource): Promise<ZipMember[]> {
  const { count, start, bytes } = await findList(source);
  const list = await viewAt(source, start, bytes);
  const members: ZipMember[] = [];
  for (let at = 0; members.length < count; ) {
    const member = readEntry(list, at);
    if (member === undefined)
      throw source.refuse('broken', `a list of files that ends after ${members.length} of ${count}`);
    members.push(member.member);
    at = member.end;
  }
  return members;
}

/**
 * Where the bytes of a member begin; they are all inside of the file.
 * @throws what `source.refuse` makes
 */
export async function zipDataStart(source: ZipSource, { name, offset, packed }: ZipMember): Promise<number> {
  const header = await viewAt(source, offset, LOCAL_BYTES);
  if (header.byteLength < LOCAL_BYTES || header.getUint32(0, true) !== LOCAL)
    throw source.refuse('broken', `no file ${name} where it should be`);
  const start = offset + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + packed > source.size) throw source.refuse('broken', `a file ${name} that goes beyond the end`);
  return start;
}

interface List {
  readonly count: number;
  readonly start: number;
  readonly bytes: number;
}

async function findList(source: ZipSource): Promise<List> {
  const { size } = source;
  const length = Math.min(size, MAX_COMMENT + END_BYTES);
  const tail = await viewAt(source, size - length, length);
  let end = tail.byteLength - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== END) end--;
  if (end < 0) throw source.refuse('truncated', `${size} bytes without the end of a zip`);
  const list = {
    count: tail.getUint16(end + 10, true),
    bytes: tail.getUint32(end + 12, true),
    start: tail.getUint32(end + 16, true),
  };
  if (list.start !== UNKNOWN && list.count !== 0xffff) return list;
  const locator = end - LOCATOR64_BYTES;
  if (locator < 0 || tail.getUint32(locator, true) !== LOCATOR64)
    throw source.refuse('broken', 'a zip64 without its locator');
  const record = await viewAt(source, Number(tail.getBigUint64(locator + 8, true)), END64_BYTES);
  if (record.byteLength < END64_BYTES || record.getUint32(0, true) !== END64)
    throw source.refuse('broken', 'a zip64 without its end');
  const [count, bytes, start] = [32, 40, 48].map((at) => Number(record.getBigUint64(at, true))) as [
    number,
    number,
    number,
  ];
  return { count, bytes, start };
}

function readEntry(list: DataView, at: number): { readonly member: ZipMember; readonly end: number } | undefined {
  if (at + ENTRY_BYTES > list.byteLength || list.getUint32(at, true) !== ENTRY) return undefined;
  const [nameLength, extraLength, comment] = [28, 30, 32].map((field) => list.getUint16(at + field, true)) as [
    number,
    number,
    number,
  ];
  const extraStart = at + ENTRY_BYTES + nameLength;
  if (extraStart + extraLength > list.byteLength) return undefined;
  const name = new Uint8Array(list.buffer, list.byteOffset + at + ENTRY_BYTES, nameLength);
  const member = {
    name: new TextDecoder().decode(name),
    method: list.getUint16(at + 10, true),
    crc: list.getUint32(at + 16, true),
    packed: list.getUint32(at + 20, true),
    size: list.getUint32(at + 24, true),
    offset: list.getUint32(at + 42, true),
  };
  const extra = new DataView(list.buffer, list.byteOffset + extraStart, extraLength);
  return { member: withLargeSizes(extra, member), end: extraStart + extraLength + comment };
}

/** Sizes of 4 GiB and more stand in an extra field, in a fixed order, those only that did not fit. */
function withLargeSizes(extra: DataView, member: ZipMember): ZipMember {
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    const value = (given: number): number => {
      if (given !== UNKNOWN || next + 8 > extra.byteLength) return given;
      next += 8;
      return Number(extra.getBigUint64(next - 8, true));
    };
    const size = value(member.size);
    const packed = value(member.packed);
    return { ...member, size, packed, offset: value(member.offset) };
  }
  return member;
}

/** What the file has of a range that a number in it names. */
async function viewAt(source: ZipSource, position: number, length: number): Promise<DataView> {
  const begin = Math.min(position, source.size);
  const bytes = await source.read(begin, Math.min(length, source.size - begin));
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
