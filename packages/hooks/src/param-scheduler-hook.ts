import type { ParamScheduler } from '@engine/scheduler';
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

  /** Warns of schedules that wait for a validation that this run does not have. */
  beforeTrain({ paramSchedulers, valLoop, logger }: RunContext): void {
    for (const { needsMetrics, monitor, paramName } of paramSchedulers) {
      if (!needsMetrics || valLoop !== undefined) continue;
      logger.warn(
        `A schedule of ${paramName} follows ${monitor ?? 'a metric'} of the validation, but this run does not validate: it will change nothing.`,
      );
    }
  }

  afterTrainIter(ctx: RunContext, _info: TrainIterInfo): void {
    for (const scheduler of ctx.paramSchedulers) if (!scheduler.byEpoch) advance(scheduler, ctx);
  }

  afterTrainEpoch(ctx: RunContext): void {
    for (const scheduler of ctx.paramSchedulers) if (scheduler.byEpoch) advance(scheduler, ctx);
  }

  afterValEpoch(ctx: RunContext, { metrics }: MetricsInfo): void {
    const numbers = Object.fromEntries(
      Object.entries(metrics).flatMap(([name, value]) =>
        typeof value === 'number' || typeof value === 'bigint' ? [[name, Number(value)]] : [],
      ),
    );
    for (const scheduler of ctx.paramSchedulers)
      if (scheduler.byEpoch && scheduler.needsMetrics) advance(scheduler, ctx, numbers);
  }
}

function advance(scheduler: ParamScheduler, { logger }: RunContext, metrics?: Readonly<Record<string, number>>): void {
  const before = scheduler.lastStep;
  scheduler.step(metrics);
  if (scheduler.verbose !== true || scheduler.lastStep === before) return;
  for (const [group, value] of scheduler.lastValues().entries())
    logger.info(`Adjusting ${scheduler.paramName} of group ${group} to ${formatScientific(value)}.`);
}

/** As Python's `.4e`: `1.0000e-02`. */
function formatScientific(value: number): string {
  return value.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2');
}

declare module '@engine/registry' {
  interface Hooks {
    ParamSchedulerHook: typeof ParamSchedulerHook;
  }
}
