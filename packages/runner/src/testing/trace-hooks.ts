import type { HostArray } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import type { Hook, RunContext, TrainIterInfo } from '@engine/hooks';
import { readCheckpoint } from '../checkpoint.js';

/** Writes down the loss of every iteration, by its number from 1. */
export class LossTrace implements Hook {
  readonly name = 'LossTrace';
  readonly losses = new Map<number, number>();

  async afterTrainIter(ctx: RunContext, { outputs }: TrainIterInfo): Promise<void> {
    this.losses.set(ctx.iter + 1, await outputs.read('loss'));
  }
}

/** Does something after iteration `at` (from 1), once everything else of the iteration is done. */
export function afterIteration(at: number, act: (ctx: RunContext) => void): Hook {
  return {
    name: 'AfterIteration',
    priority: 'LOWEST',
    afterTrainIter(ctx: RunContext) {
      if (ctx.iter + 1 === at) act(ctx);
    },
  };
}

/** The tensors of a checkpoint, as bytes in text, for comparing bit by bit. */
export async function tensorsOf(storage: StorageBackend, path: string): Promise<Record<string, string>> {
  const { tensors } = await readCheckpoint(storage, path);
  return Object.fromEntries([...tensors].map(([name, array]) => [name, fingerprint(array)]));
}

function fingerprint({ dtype, shape, data }: HostArray): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return `${dtype} (${shape.join(', ')}) ${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
