import type { FileHandle } from 'node:fs/promises';

export type Chunks = Uint8Array | Iterable<Uint8Array>;

export function* eachChunk(chunks: Chunks): Iterable<Uint8Array> {
  if (chunks instanceof Uint8Array) yield chunks;
  else yield* chunks;
}

/** Writes the chunks: those of a list several at once, others each asked for only when the one before is written, so that nothing is held twice. */
export async function writeChunks(file: FileHandle, chunks: Chunks): Promise<void> {
  const most = Array.isArray(chunks) ? MOST : 1;
  let [waiting, bytes]: [Uint8Array[], number] = [[], 0];
  for (const chunk of eachChunk(chunks))
    for (let from = 0; from < chunk.byteLength; from += LARGEST_WRITE) {
      const piece = chunk.subarray(from, from + LARGEST_WRITE);
      waiting.push(piece);
      bytes += piece.byteLength;
      if (bytes < ENOUGH && waiting.length < most) continue;
      await writeAll(file, waiting);
      [waiting, bytes] = [[], 0];
    }
  await writeAll(file, waiting);
}

async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces;
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left);
    left = after(left, bytesWritten);
  }
}

/** What follows the first `written` bytes. */
function after(pieces: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let skip = written;
  const whole = pieces.findIndex(({ byteLength }) => {
    if (byteLength > skip) return true;
    skip -= byteLength;
    return false;
  });
  return whole < 0 ? [] : [(pieces[whole] as Uint8Array).subarray(skip), ...pieces.slice(whole + 1)];
}

/** Systems take at most 2 GiB at once. */
const LARGEST_WRITE = 2 ** 30;
/** Bytes and pieces that are worth a call; systems take at most 1024 pieces. */
const [ENOUGH, MOST] = [2 ** 23, 512];
