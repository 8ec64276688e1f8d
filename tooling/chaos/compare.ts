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
    ...(await stateDifferences(reference.checkpoint, killed.checkpoint)),
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

/** Facts of the message hub that say which checkpoint was chosen. */
const CHOICES = ['bestScore', 'bestCkpt', 'keepCkptIds'];

/** States of hooks and schedules, and the choice of checkpoints. */
async function stateDifferences(expected: string, actual: string): Promise<string[]> {
  const [a, b] = [await statesOf(expected), await statesOf(actual)];
  const found = [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
  return found.map((name) => `${name} is ${b.get(name)} instead of ${a.get(name)}`);
}

interface Header {
  readonly hooks?: Readonly<Record<string, unknown>>;
  readonly schedulers?: readonly unknown[];
  readonly messageHub?: { readonly infos?: Readonly<Record<string, unknown>> };
}

/** By name, as text. */
async function statesOf(path: string): Promise<Map<string, string>> {
  const { metadata } = readSafetensors(await readFile(path));
  const { hooks = {}, schedulers = [], messageHub } = JSON.parse(metadata.engine ?? '{}') as Header;
  const named: [string, unknown][] = [
    ...Object.entries(hooks).map(([name, state]): [string, unknown] => [`the state of hook ${name}`, state]),
    ...schedulers.map((state, i): [string, unknown] => [`the state of schedule ${i}`, state]),
    ...CHOICES.map((name): [string, unknown] => [name, messageHub?.infos?.[name]]),
  ];
  return new Map(named.map(([name, value]) => [name, JSON.stringify(value)]));
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
