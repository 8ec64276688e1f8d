import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook } from './hook.js';
import type { RunContext } from './run-context.js';

const syncBuffersHookOptions = z.strictObject({});
export interface SyncBuffersHookOptions extends z.input<typeof syncBuffersHookOptions> {}

/**
 * Gives the buffers of the model (running statistics) the mean of all ranks, after each training epoch and before a validation that
 * follows none. Counters, which are integers, are the same everywhere already. Does nothing where there is one process.
 */
export class SyncBuffersHook implements Hook {
  static readonly entry = defineHook<'SyncBuffersHook', typeof syncBuffersHookOptions, SyncBuffersHookOptions>({
    name: 'SyncBuffersHook',
    options: syncBuffersHookOptions,
    create: () => new SyncBuffersHook(),
    module: '@engine/hooks',
    doc: 'Gives buffers the mean of all processes, before they are validated.',
  });
  readonly name = 'SyncBuffersHook';
  #isInStep = false;

  async afterTrainEpoch(ctx: RunContext): Promise<void> {
    await averageBuffers(ctx);
    this.#isInStep = true;
  }

  async beforeValEpoch(ctx: RunContext): Promise<void> {
    if (!this.#isInStep) await averageBuffers(ctx);
    this.#isInStep = false;
  }
}

/** One collective for all of them. */
async function averageBuffers(ctx: RunContext): Promise<void> {
  const { communicator, model } = ctx;
  if (communicator.size === 1) return;
  const buffers = [...(model.namedBuffers?.().values() ?? [])].filter(({ value }) => value.dtype === 'float32');
  const values = await Promise.all(buffers.map(({ value }) => value.data<'float32'>()));
  const all = new Float32Array(values.reduce((size, { length }) => size + length, 0));
  let end = 0;
  const parts = values.map((own) => {
    all.set(own, end);
    end += own.length;
    return all.subarray(end - own.length, end);
  });
  await communicator.allReduce(all, 'mean');
  ctx.tidy(() => {
    for (const [i, { value }] of buffers.entries()) value.assign(tf.tensor(parts[i]?.slice() ?? [], value.shape));
  });
}

declare module '@engine/registry' {
  interface Hooks {
    SyncBuffersHook: typeof SyncBuffersHook;
  }
}
