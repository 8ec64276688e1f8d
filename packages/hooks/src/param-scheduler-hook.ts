import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook, MetricsInfo, TrainIterInfo } from './hook.js';
import type { RunContext } from './run-context.js';

const paramSchedulerHookOptions = z.strictObject({});
export interface ParamSchedulerHookOptions extends z.input<typeof paramSchedulerHookOptions> {}

/** Advances the parameter schedulers: after each iteration, each epoch, or each validation, as their unit asks. */
export class ParamSchedulerHook implements Hook {
  static readonly entry = defineHook<'ParamSchedulerHook', typeof paramSchedulerHookOptions, ParamSchedulerHookOptions>(
    {
      name: 'ParamSchedulerHook',
      options: paramSchedulerHookOptions,
      create: () => new ParamSchedulerHook(),
      module: '@engine/hooks',
      doc: 'Advances the parameter schedulers by iteration, epoch or metric.',
    },
  );
  readonly name = 'ParamSchedulerHook';
  readonly priority = 'LOW';

  afterTrainIter({ paramSchedulers }: RunContext, _info: TrainIterInfo): void {
    for (const scheduler of paramSchedulers) if (!scheduler.byEpoch) scheduler.step();
  }

  afterTrainEpoch({ paramSchedulers }: RunContext): void {
    for (const scheduler of paramSchedulers) if (scheduler.byEpoch && !scheduler.needsMetrics) scheduler.step();
  }

  afterValEpoch({ paramSchedulers }: RunContext, { metrics }: MetricsInfo): void {
    const numbers = Object.fromEntries(
      Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
    for (const scheduler of paramSchedulers) if (scheduler.byEpoch && scheduler.needsMetrics) scheduler.step(numbers);
  }
}

declare module '@engine/registry' {
  interface Hooks {
    ParamSchedulerHook: typeof ParamSchedulerHook;
  }
}
