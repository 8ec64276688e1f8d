import { readFile } from 'node:fs/promises';
import { readSafetensors } from '@engine/fileio';
import type { Losses } from './read-losses.js';

/** What differs between an undisturbed run and one that was killed and resumed; empty when they are the same to the bit. */
export async function differences(
  reference: { readonly losses: Losses; readonly checkpoint: string },
  killed: { readonly losses: Losses; readonly checkpoint: string },
): Promise<string[]> {
  return [
    ...lossDifferences(reference.losses, killed.losses),
    ...(await weightDifferences(reference.checkpoint, killed.checkpoint)),
  ];
}

function lossDifferences(reference: Losses, killed: Losses): string[] {
  const found: string[] = [];
  for (const [iter, [expected]] of reference.byIter) {
    const seen = killed.byIter.get(iter);
    if (seen === undefined) found.push(`iteration ${iter}: no loss was logged`);
    for (const loss of new Set(seen))
      if (loss !== expected) found.push(`iteration ${iter}: loss ${loss} instead of ${expected}`);
  }
  for (const iter of killed.byIter.keys())
    if (!reference.byIter.has(iter)) found.push(`iteration ${iter}: not in the reference`);
  return found;
}

async function weightDifferences(expected: string, actual: string): Promise<string[]> {
  const [a, b] = [await tensorsOf(expected), await tensorsOf(actual)];
  const found = [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
  return found.map((name) => `tensor ${name} differs`);
}

/** Bytes of every tensor as text, which compares bit for bit. */
async function tensorsOf(path: string): Promise<Map<string, string>> {
  const { tensors } = readSafetensors(await readFile(path));
  return new Map(
    [...tensors].map(([name, { dtype, shape, data }]) => {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      return [name, `${dtype} (${shape.join(', ')}) ${bytes.toString('base64')}`];
    }),
  );
}
