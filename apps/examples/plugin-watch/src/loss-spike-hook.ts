import type { SavedState } from '@engine/core';
import { defineHook, type Hook, type RunContext, type TrainIterInfo } from '@engine/hooks';
import * as z from 'zod/mini';

const lossSpikeHookOptions = z.strictObject({
  interval: z._default(z.int().check(z.positive()), 10),
  factor: z._default(z.number().check(z.gt(1)), 3),
  window: z._default(z.int().check(z.positive()), 20),
});
export interface LossSpikeHookOptions extends z.input<typeof lossSpikeHookOptions> {}

/**
 * Warns when the loss is more than `factor` times (default 3) the mean of its last `window` (20) looks; looks every `interval` (10)
 * iterations, so that the loss is read back from the device only then.
 */
class LossSpikes implements Hook {
  readonly name = 'LossSpikeHook';
  readonly #options: z.output<typeof lossSpikeHookOptions>;
  #recent: number[] = [];

  constructor(options: z.output<typeof lossSpikeHookOptions>) {
    this.#options = options;
  }

  async afterTrainIter(ctx: RunContext, { outputs }: TrainIterInfo): Promise<void> {
    const { interval, factor, window } = this.#options;
    if (!ctx.everyNTrainIters(interval)) return;
    const loss = await outputs.read('loss');
    const mean = this.#recent.reduce((sum, value) => sum + value, 0) / this.#recent.length;
    if (loss > factor * mean)
      ctx.logger.warn(`The loss jumped to ${loss.toFixed(4)}, from ${mean.toFixed(4)} on average.`);
    this.#recent = [...this.#recent, loss].slice(-window);
  }

  stateDict(): SavedState {
    return { values: { recent: this.#recent }, tensors: new Map() };
  }

  loadStateDict(state: SavedState): void {
    this.#recent = [...(state.values['recent'] as number[])];
  }
}

export const LossSpikeHook = defineHook<'LossSpikeHook', typeof lossSpikeHookOptions, LossSpikeHookOptions>({
  name: 'LossSpikeHook',
  options: lossSpikeHookOptions,
  create: (options) => new LossSpikes(options),
  module: 'engine-plugin-watch',
  doc: 'Warns when the loss jumps above a multiple of its recent mean.',
});

declare module '@engine/registry' {
  interface Hooks {
    LossSpikeHook: typeof LossSpikeHook;
  }
}
