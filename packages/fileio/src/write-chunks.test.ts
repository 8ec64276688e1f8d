import type { FileHandle } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeChunks } from './write-chunks.js';

/** A file that takes at most so many bytes at once, as systems may. */
function shortFile(most: number): { file: FileHandle; content: () => number[]; calls: () => number } {
  const written: number[] = [];
  let calls = 0;
  const writev = async (pieces: readonly Uint8Array[]) => {
    calls++;
    const bytes = pieces.flatMap((piece) => [...piece]).slice(0, most);
    written.push(...bytes);
    return { bytesWritten: bytes.length, buffers: pieces };
  };
  return { file: { writev } as unknown as FileHandle, content: () => written, calls: () => calls };
}

describe('writeChunks', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 12 });

  it('writes every byte once and in order, however little the system takes', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 50 }), async (given, most) => {
        const { file, content } = shortFile(most);
        await writeChunks(file, given);
        expect(content()).toEqual(given.flatMap((chunk) => [...chunk]));
      }),
    );
  });

  it('takes many small chunks of a list in one call, and one that stands alone', async () => {
    const many = shortFile(1e6);
    await writeChunks(
      many.file,
      Array.from({ length: 300 }, () => Uint8Array.of(1, 2)),
    );
    expect([many.calls(), many.content().length]).toEqual([1, 600]);
    const one = shortFile(1e6);
    await writeChunks(one.file, Uint8Array.of(7));
    expect(one.content()).toEqual([7]);
  });

  it('asks for a chunk that is made on demand only when the one before is written', async () => {
    const order: string[] = [];
    const file = {
      writev: async (pieces: readonly Uint8Array[]) => {
        order.push('written');
        return { bytesWritten: pieces.reduce((sum, { length }) => sum + length, 0), buffers: pieces };
      },
    } as unknown as FileHandle;
    function* made(): Iterable<Uint8Array> {
      for (let i = 0; i < 3; i++) {
        order.push('made');
        yield new Uint8Array(3);
      }
    }
    await writeChunks(file, made());
    expect(order).toEqual(['made', 'written', 'made', 'written', 'made', 'written']);
  });
});
