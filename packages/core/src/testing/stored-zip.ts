/** A file of an archive that {@link storedZip} makes. */
export interface StoredFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/**
 * A zip archive whose files are not compressed. With `large` all its numbers stand in zip64's places, as in archives of more than 4 GiB.
 * @param comment bytes behind the end
 */
export function storedZip(
  files: readonly StoredFile[],
  { large = false, comment = new Uint8Array(0) }: { readonly large?: boolean; readonly comment?: Uint8Array } = {},
): Uint8Array {
  const locals: Uint8Array[] = [];
  const entries: Uint8Array[] = [];
  let offset = 0;
  for (const { name, content } of files) {
    const encoded = new TextEncoder().encode(name);
    const place = large ? 0xffffffff : offset;
    const size = large ? 0xffffffff : content.length;
    const fields = [u16(20, 0, 0, 0, 0), u32(crc32(content), size, size), u16(encoded.length)];
    const extra = large ? [u16(1, 24), u64(content.length, content.length, offset)] : [];
    const local = concat([u32(0x04034b50), ...fields, u16(0), encoded, content]);
    entries.push(
      concat([
        ...[u32(0x02014b50), u16(20), ...fields, u16(extra.length === 0 ? 0 : 28, 0, 0, 0), u32(0, place)],
        ...[encoded, ...extra],
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const list = concat(entries);
  const end64 = [
    ...[u32(0x06064b50), u64(44), u16(45, 45), u32(0, 0), u64(files.length, files.length, list.length, offset)],
    ...[u32(0x07064b50, 0), u64(offset + list.length), u32(1)],
  ];
  const count = large ? 0xffff : files.length;
  const place = large ? [0xffffffff, 0xffffffff] : [list.length, offset];
  const end = [u32(0x06054b50), u16(0, 0, count, count), u32(...place), u16(comment.length), comment];
  return concat([...locals, list, ...(large ? end64 : []), ...end]);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const u16 = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
const u32 = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const u64 = (...values: readonly number[]): Uint8Array => new Uint8Array(BigUint64Array.from(values, BigInt).buffer);

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
