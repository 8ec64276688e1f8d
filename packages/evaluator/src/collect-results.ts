import type { Communicator } from '@engine/core';
import { evaluatorErrors } from './errors.js';
import { decode, encode } from './wire.js';

type Message = { readonly value: unknown } | { readonly error: string };

/**
 * The results of all ranks on every rank, in the order of the dataset as `DefaultSampler` deals it out (first of each rank, second of
 * each, ...), cut to `size`: what was repeated to give every rank as many falls away.
 */
export async function collectResults<R>(
  results: readonly R[],
  size: number,
  { communicator, subject }: { communicator: Communicator; subject: string },
): Promise<R[]> {
  if (communicator.size === 1) return results.slice(0, size);
  const parts = (await exchange(() => results, { communicator, subject })) as R[][];
  const longest = Math.max(...parts.map((part) => part.length));
  const all = Array.from({ length: longest }, (_, i) =>
    parts.flatMap((part) => (i < part.length ? [part[i] as R] : [])),
  ).flat();
  return all.slice(0, size);
}

/** What rank 0 makes of `compute`, on every rank. When it fails there, all ranks fail. */
export async function onRankZero<T>(
  compute: () => T | Promise<T>,
  { communicator, subject }: { communicator: Communicator; subject: string },
): Promise<T> {
  if (communicator.size === 1) return compute();
  const [value] = await exchange(communicator.rank === 0 ? compute : () => null, { communicator, subject });
  return value as T;
}

/** Each rank's value, on every rank; a rank that fails tells the others instead of leaving them waiting. */
async function exchange(
  make: () => unknown,
  { communicator, subject }: { communicator: Communicator; subject: string },
): Promise<unknown[]> {
  let own: { readonly error: unknown } | undefined;
  let bytes: Uint8Array;
  try {
    bytes = encode({ value: await make() } satisfies Message, subject);
  } catch (error) {
    own = { error };
    bytes = encode({ error: error instanceof Error ? error.message : String(error) } satisfies Message, subject);
  }
  const messages = (await communicator.allGather(bytes)).map((each) => decode(each) as Message);
  if (own !== undefined) throw own.error;
  return messages.map((message, rank) => {
    if ('value' in message) return message.value;
    throw evaluatorErrors.RANK_FAILED({
      subject,
      expected: 'the metric to succeed on every rank',
      received: `a failure on rank ${rank}: ${message.error}`,
      action: `look at the error of rank ${rank}`,
    });
  });
}
