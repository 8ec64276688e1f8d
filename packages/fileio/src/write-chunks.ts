import type { FileHandle } from 'node:fs/promises';

export type Chunks = Uint8Array | Iterable<Uint8Array>;

export function* eachChunk(chunks: Chunks): Iterable<Uint8Array> {
  if (chunks instanceof Uint8Array) yield chunks;
  else yield* chunks;
}

/** Writes chunk after chunk, each asked for only when the one before is written: nothing is held twice. */
export async function writeChunks(file: FileHandle, chunks: Chunks): Promise<void> {
  for (const chunk of eachChunk(chunks)) {
    for (let from = 0; from < chunk.byteLength; ) {
      const { bytesWritten } = await file.write(chunk, from, Math.min(chunk.byteLength - from, LARGEST_WRITE));
      from += bytesWritten;
    }
  }
}

/** Systems take at most 2 GiB at once. */
const LARGEST_WRITE = 2 ** 30;
