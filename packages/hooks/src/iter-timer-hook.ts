import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { EvalIterInfo, Hook, IterInfo, TrainIterInfo } from './hook.js';
import type { RunContext } from './run-context.js';

type Mode = 'train' | 'val' | 'test';

const iterTimerHookOptions = z.strictObject({});
export interface IterTimerHookOptions extends z.input<typeof iterTimerHookOptions> {}

/** Measures seconds an iteration (`time`) and of waiting for data (`data_time`), and the seconds left (`eta`). */
export class IterTimerHook implements Hook {
  static readonly entry = defineHook<'IterTimerHook', typeof iterTimerHookOptions, IterTimerHookOptions>({
    name: 'IterTimerHook',
    options: iterTimerHookOptions,
    create: () => new IterTimerHook(),
    module: '@engine/hooks',
    doc: 'Measures time an iteration, time waiting for data, and the time left.',
  });
  readonly name = 'IterTimerHook';
  #startIter = 0;
  #trainSeconds = 0;
  #evalSeconds = 0;
  #clock = 0;

  beforeTrain(ctx: RunContext): void {
    this.#startIter = ctx.iter;
  }

  beforeTrainEpoch(ctx: RunContext): void {
    this.#restart(ctx);
  }
  beforeValEpoch(ctx: RunContext): void {
    this.#restart(ctx);
  }
  beforeTestEpoch(ctx: RunContext): void {
    this.#restart(ctx);
  }

  beforeTrainIter(ctx: RunContext, _info: IterInfo): void {
    this.#waited(ctx, 'train');
  }
  beforeValIter(ctx: RunContext, _info: IterInfo): void {
    this.#waited(ctx, 'val');
  }
  beforeTestIter(ctx: RunContext, _info: IterInfo): void {
    this.#waited(ctx, 'test');
  }

  afterTrainIter(ctx: RunContext, _info: TrainIterInfo): void {
    this.#trainSeconds += this.#finished(ctx, 'train');
    const mean = this.#trainSeconds / (ctx.iter - this.#startIter + 1);
    ctx.messageHub.updateInfo('eta', mean * (ctx.maxIters - ctx.iter - 1));
  }
  afterValIter(ctx: RunContext, { batchIdx }: EvalIterInfo): void {
    this.#evaluated(ctx, { mode: 'val', batchIdx, total: ctx.valLoop?.dataloader.length ?? 0 });
  }
  afterTestIter(ctx: RunContext, { batchIdx }: EvalIterInfo): void {
    this.#evaluated(ctx, { mode: 'test', batchIdx, total: ctx.testLoop?.dataloader.length ?? 0 });
  }

  afterTrainEpoch(): void {
    this.#evalSeconds = 0;
  }
  afterValEpoch(): void {
    this.#evalSeconds = 0;
  }
  afterTestEpoch(): void {
    this.#evalSeconds = 0;
  }

  #restart(ctx: RunContext): void {
    this.#clock = seconds(ctx);
  }

  #waited(ctx: RunContext, mode: Mode): void {
    ctx.messageHub.updateScalar(`${mode}/data_time`, seconds(ctx) - this.#clock);
  }

  #finished(ctx: RunContext, mode: Mode): number {
    const now = seconds(ctx);
    const took = now - this.#clock;
    ctx.messageHub.updateScalar(`${mode}/time`, took);
    this.#clock = now;
    return took;
  }

  #evaluated(ctx: RunContext, at: { mode: Mode; batchIdx: number; total: number }): void {
    this.#evalSeconds += this.#finished(ctx, at.mode);
    ctx.messageHub.updateInfo('eta', (this.#evalSeconds / (at.batchIdx + 1)) * (at.total - at.batchIdx - 1));
  }
}

function seconds(ctx: RunContext): number {
  return ctx.platform.monotonic() / 1000;
}

declare module '@engine/registry' {
  interface Hooks {
    IterTimerHook: typeof IterTimerHook;
  }
}
