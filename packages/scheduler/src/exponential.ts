import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { momentumField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** What the value is multiplied by at each step. */
  gamma: z.number(),
  ...windowShape,
};
const exponentialOptions = z.strictObject(shape);
const exponentialParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof exponentialOptions>;

export interface ExponentialLROptions extends z.input<typeof exponentialOptions> {}
export interface ExponentialMomentumOptions extends z.input<typeof exponentialOptions> {}
export interface ExponentialParamSchedulerOptions extends z.input<typeof exponentialParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    ExponentialLR: typeof ExponentialLR;
    ExponentialMomentum: typeof ExponentialMomentum;
    ExponentialParamScheduler: typeof ExponentialParamScheduler;
  }
}

type Fields = { gamma: number };

/** `gamma` is per step in either unit: `convertToIterBased` leaves it alone, as the original does. */
class ExponentialSchedule extends BaseParamScheduler<Fields> {
  constructor(optimizer: Schedulable, paramName: string, { gamma, ...window }: Parsed) {
    super(optimizer, { paramName, window, fields: () => ({ gamma }) });
  }

  protected override nextValue({ gamma }: Fields, { current, step }: ScheduleStep): number {
    return step === 0 ? current : current * gamma;
  }
}

/** Multiplies the learning rate by `gamma` at each step. */
export class ExponentialLR extends ExponentialSchedule {
  static readonly entry: Entry<'paramScheduler', 'ExponentialLR', ExponentialLROptions> = defineParamScheduler<
    'ExponentialLR',
    typeof exponentialOptions,
    ExponentialLROptions
  >({
    name: 'ExponentialLR',
    options: exponentialOptions,
    create: (options, { args }) => new ExponentialLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays exponentially the learning rate.',
  });

  constructor(optimizer: Schedulable, options: ExponentialLROptions) {
    super(optimizer, 'lr', parseOptions(exponentialOptions, options, { subject: 'ExponentialLR' }).value);
  }
}

/** The schedule of `ExponentialLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class ExponentialMomentum extends ExponentialSchedule {
  static readonly entry: Entry<'paramScheduler', 'ExponentialMomentum', ExponentialMomentumOptions> =
    defineParamScheduler<'ExponentialMomentum', typeof exponentialOptions, ExponentialMomentumOptions>({
      name: 'ExponentialMomentum',
      options: exponentialOptions,
      create: (options, { args }) => new ExponentialMomentum(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Decays exponentially the momentum.',
    });

  constructor(optimizer: Schedulable, options: ExponentialMomentumOptions) {
    super(
      optimizer,
      momentumField(optimizer),
      parseOptions(exponentialOptions, options, { subject: 'ExponentialMomentum' }).value,
    );
  }
}

/** The schedule of `ExponentialLR` for any group field (`paramName`). */
export class ExponentialParamScheduler extends ExponentialSchedule {
  static readonly entry: Entry<'paramScheduler', 'ExponentialParamScheduler', ExponentialParamSchedulerOptions> =
    defineParamScheduler<'ExponentialParamScheduler', typeof exponentialParamOptions, ExponentialParamSchedulerOptions>(
      {
        name: 'ExponentialParamScheduler',
        options: exponentialParamOptions,
        create: (options, { args }) => new ExponentialParamScheduler(args.optimizer, inRun(options, args)),
        module: '@engine/scheduler',
        doc: 'Decays exponentially any field of the parameter groups.',
      },
    );

  constructor(optimizer: Schedulable, options: ExponentialParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(exponentialParamOptions, options, {
      subject: 'ExponentialParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
