import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { cosineStep, lowestOf, type Minimum, oneMinimum } from './cosine.js';
import { defineParamScheduler } from './define.js';
import { schedulerErrors } from './errors.js';
import { momentumField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** Length of each cosine. */
  periods: z.array(z.number().check(z.positive())).check(z.minLength(1)),
  /** What each cosine starts from, as a share of the initial value; one a period. */
  restartWeights: z._default(z.array(z.number()), [1]),
  /** The minimum of every cosine. */
  etaMin: z.optional(z.nullable(z.number())),
  /** The minimum as a share of the initial value; instead of `etaMin`. */
  etaMinRatio: z.optional(z.nullable(z.number())),
  ...windowShape,
};
const cosineRestartOptions = z.strictObject(shape);
const cosineRestartParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof cosineRestartOptions>;

export interface CosineRestartLROptions extends z.input<typeof cosineRestartOptions> {}
export interface CosineRestartMomentumOptions extends z.input<typeof cosineRestartOptions> {}
export interface CosineRestartParamSchedulerOptions extends z.input<typeof cosineRestartParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    CosineRestartLR: typeof CosineRestartLR;
    CosineRestartMomentum: typeof CosineRestartMomentum;
    CosineRestartParamScheduler: typeof CosineRestartParamScheduler;
  }
}

type Fields = Minimum & { periods: number[]; restartWeights: number[]; cumulativePeriods: number[] };

/** A restart snaps to the initial value, so whatever other schedules did before it ends there. After the last period the value stays. */
class CosineRestartSchedule extends BaseParamScheduler<Fields> {
  /** @throws `ENGINE_SCHEDULER_TWO_MINIMA`, `_NO_MINIMUM`, `_BAD_PERIODS` */
  constructor(optimizer: Schedulable, paramName: string, options: Parsed) {
    const { periods, restartWeights, etaMin, etaMinRatio, ...window } = options;
    const minimum = oneMinimum(etaMin, etaMinRatio);
    if (periods.length !== restartWeights.length) {
      throw schedulerErrors.BAD_PERIODS({
        expected: 'as many restartWeights as periods',
        received: `periods = ${JSON.stringify(periods)}, restartWeights = ${JSON.stringify(restartWeights)}`,
        action: 'give each period the share of the initial value that it starts from',
      });
    }
    super(optimizer, {
      paramName,
      window,
      fields: ({ scale }) => {
        const scaled = periods.map((period) => period * scale);
        return { periods: scaled, restartWeights: [...restartWeights], cumulativePeriods: sums(scaled), ...minimum };
      },
    });
  }

  protected override nextValue(fields: Fields, { current, base, step }: ScheduleStep): number {
    const { periods, restartWeights, cumulativePeriods, ...minimum } = fields;
    const index = cumulativePeriods.findIndex((end) => step < end);
    if (index === -1) return current;
    const inPeriod = step - (index === 0 ? 0 : (cumulativePeriods[index - 1] as number));
    if (inPeriod === 0) return base * (restartWeights[index] as number);
    return cosineStep(current, {
      step: inPeriod,
      period: periods[index] as number,
      lowest: lowestOf(minimum, base),
    });
  }
}

function sums(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => (sum += value));
}

/** Decays the learning rate along one cosine after another; each starts from the initial value times its weight. */
export class CosineRestartLR extends CosineRestartSchedule {
  static readonly entry: Entry<'paramScheduler', 'CosineRestartLR', CosineRestartLROptions> = defineParamScheduler<
    'CosineRestartLR',
    typeof cosineRestartOptions,
    CosineRestartLROptions
  >({
    name: 'CosineRestartLR',
    options: cosineRestartOptions,
    create: (options, { args }) => new CosineRestartLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays along cosines with restarts the learning rate.',
  });

  constructor(optimizer: Schedulable, options: CosineRestartLROptions) {
    super(optimizer, 'lr', parseOptions(cosineRestartOptions, options, { subject: 'CosineRestartLR' }).value);
  }
}

/** The schedule of `CosineRestartLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class CosineRestartMomentum extends CosineRestartSchedule {
  static readonly entry: Entry<'paramScheduler', 'CosineRestartMomentum', CosineRestartMomentumOptions> =
    defineParamScheduler<'CosineRestartMomentum', typeof cosineRestartOptions, CosineRestartMomentumOptions>({
      name: 'CosineRestartMomentum',
      options: cosineRestartOptions,
      create: (options, { args }) => new CosineRestartMomentum(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Decays along cosines with restarts the momentum.',
    });

  constructor(optimizer: Schedulable, options: CosineRestartMomentumOptions) {
    super(
      optimizer,
      momentumField(optimizer),
      parseOptions(cosineRestartOptions, options, { subject: 'CosineRestartMomentum' }).value,
    );
  }
}

/** The schedule of `CosineRestartLR` for any group field (`paramName`). */
export class CosineRestartParamScheduler extends CosineRestartSchedule {
  static readonly entry: Entry<'paramScheduler', 'CosineRestartParamScheduler', CosineRestartParamSchedulerOptions> =
    defineParamScheduler<
      'CosineRestartParamScheduler',
      typeof cosineRestartParamOptions,
      CosineRestartParamSchedulerOptions
    >({
      name: 'CosineRestartParamScheduler',
      options: cosineRestartParamOptions,
      create: (options, { args }) => new CosineRestartParamScheduler(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Decays along cosines with restarts any field of the parameter groups.',
    });

  constructor(optimizer: Schedulable, options: CosineRestartParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(cosineRestartParamOptions, options, {
      subject: 'CosineRestartParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
