import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { inRun, paramNameShape, windowShape } from './window.js';

/** The timescale where there is no warm-up to take it from. */
const DEFAULT = 10_000;

const shape = {
  /** Steps after `begin` at which the value is down by the square root of 2. Default: the steps before `begin`, or 10000. */
  timescale: z.optional(z.number().check(z.positive())),
  ...windowShape,
};
const inverseSqrtOptions = z.strictObject(shape);
const inverseSqrtParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof inverseSqrtOptions>;

export interface InverseSqrtLROptions extends z.input<typeof inverseSqrtOptions> {}
export interface InverseSqrtParamSchedulerOptions extends z.input<typeof inverseSqrtParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    InverseSqrtLR: typeof InverseSqrtLR;
    InverseSqrtParamScheduler: typeof InverseSqrtParamScheduler;
  }
}

type Fields = { timescale: number };

/** `v = v0 sqrt(timescale / (timescale + t))`: after a warm-up of as many steps the usual decay of Transformers. */
class InverseSqrtSchedule extends BaseParamScheduler<Fields> {
  constructor(optimizer: Schedulable, paramName: string, { timescale, ...window }: Parsed) {
    super(optimizer, {
      paramName,
      window,
      fields: ({ begin, scale }) => ({ timescale: timescale === undefined ? begin || DEFAULT : timescale * scale }),
    });
  }

  protected override nextValue({ timescale }: Fields, { current, step }: ScheduleStep): number {
    return step === 0 ? current : current * Math.sqrt((timescale + step - 1) / (timescale + step));
  }
}

/** Decays the learning rate with the inverse square root of the step; put a `LinearLR` warm-up that ends at `begin` before it. */
export class InverseSqrtLR extends InverseSqrtSchedule {
  static readonly entry: Entry<'paramScheduler', 'InverseSqrtLR', InverseSqrtLROptions> = defineParamScheduler<
    'InverseSqrtLR',
    typeof inverseSqrtOptions,
    InverseSqrtLROptions
  >({
    name: 'InverseSqrtLR',
    options: inverseSqrtOptions,
    create: (options, { args }) => new InverseSqrtLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays with the inverse square root of the step the learning rate.',
  });

  constructor(optimizer: Schedulable, options: InverseSqrtLROptions = {}) {
    super(optimizer, 'lr', parseOptions(inverseSqrtOptions, options, { subject: 'InverseSqrtLR' }).value);
  }
}

/** The schedule of `InverseSqrtLR` for any group field (`paramName`). */
export class InverseSqrtParamScheduler extends InverseSqrtSchedule {
  static readonly entry: Entry<'paramScheduler', 'InverseSqrtParamScheduler', InverseSqrtParamSchedulerOptions> =
    defineParamScheduler<'InverseSqrtParamScheduler', typeof inverseSqrtParamOptions, InverseSqrtParamSchedulerOptions>(
      {
        name: 'InverseSqrtParamScheduler',
        options: inverseSqrtParamOptions,
        create: (options, { args }) => new InverseSqrtParamScheduler(args.optimizer, inRun(options, args)),
        module: '@engine/scheduler',
        doc: 'Decays with the inverse square root of the step any field of the parameter groups.',
      },
    );

  constructor(optimizer: Schedulable, options: InverseSqrtParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(inverseSqrtParamOptions, options, {
      subject: 'InverseSqrtParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
