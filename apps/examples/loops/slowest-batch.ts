// A hook of your own: tells after each epoch which batch took longest, and remembers it over a resume.
import type { SavedState } from '@engine/core';
import { defineHook, type Hook, type RunContext, type TrainIterInfo } from '@engine/hooks';
import * as z from 'zod/mini';

export class SlowestBatchHook implements Hook {
  static readonly entry = defineHook({
    name: 'SlowestBatchHook',
    options: z.strictObject({ atLeast: z._default(z.number(), 0) }),
    create: ({ atLeast }) => new SlowestBatchHook(atLeast),
    doc: 'Tells which batch took longest.',
  });
  readonly name = 'SlowestBatchHook';
  readonly #atLeast: number;
  #slowest = { batchIdx: -1, seconds: 0 };

  constructor(atLeast = 0) {
    this.#atLeast = atLeast;
  }

  afterTrainIter({ messageHub }: RunContext, { batchIdx }: TrainIterInfo) {
    const seconds = messageHub.scalars.get('train/time')?.current() ?? 0; // of IterTimerHook, which comes first
    if (seconds > this.#slowest.seconds) this.#slowest = { batchIdx, seconds };
  }

  afterTrainEpoch({ logger, epoch }: RunContext) {
    const { batchIdx, seconds } = this.#slowest;
    if (seconds >= this.#atLeast) logger.info(`epoch ${epoch + 1}: batch ${batchIdx} took ${seconds.toFixed(3)} s`);
    this.#slowest = { batchIdx: -1, seconds: 0 };
  }

  stateDict(): SavedState {
    return { values: { ...this.#slowest }, tensors: new Map() };
  }

  loadStateDict({ values }: SavedState) {
    this.#slowest = { batchIdx: Number(values.batchIdx), seconds: Number(values.seconds) };
  }
}

declare module '@engine/registry' {
  interface Hooks {
    SlowestBatchHook: typeof SlowestBatchHook;
  }
}
