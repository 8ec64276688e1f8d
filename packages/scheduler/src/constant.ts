import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { momentumField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** What the value is multiplied by until the last step of the window, which restores it. */
  factor: z._default(z.number().check(z.gte(0), z.lte(1)), 1 / 3),
  ...windowShape,
};
const constantOptions = z.strictObject(shape);
const constantParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof constantOptions>;

export interface ConstantLROptions extends z.input<typeof constantOptions> {}
export interface ConstantMomentumOptions extends z.input<typeof constantOptions> {}
export interface ConstantParamSchedulerOptions extends z.input<typeof constantParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    ConstantLR: typeof ConstantLR;
    ConstantMomentum: typeof ConstantMomentum;
    ConstantParamScheduler: typeof ConstantParamScheduler;
  }
}

type Fields = { factor: number; totalIters: number };

class ConstantSchedule extends BaseParamScheduler<Fields> {
  constructor(optimizer: Schedulable, paramName: string, { factor, ...window }: Parsed) {
    super(optimizer, { paramName, window, fields: ({ begin, end }) => ({ factor, totalIters: end - begin - 1 }) });
  }

  protected override nextValue({ factor, totalIters }: Fields, { current, step }: ScheduleStep): number {
    if (step === 0) return current * factor;
    return step === totalIters ? current * (1 / factor) : current;
  }
}

/** Multiplies the learning rate by `factor`; the last step of the window restores it. */
export class ConstantLR extends ConstantSchedule {
  static readonly entry: Entry<'paramScheduler', 'ConstantLR', ConstantLROptions> = defineParamScheduler<
    'ConstantLR',
    typeof constantOptions,
    ConstantLROptions
  >({
    name: 'ConstantLR',
    options: constantOptions,
    create: (options, { args }) => new ConstantLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Scales by a constant, for a while, the learning rate.',
  });

  constructor(optimizer: Schedulable, options: ConstantLROptions = {}) {
    super(optimizer, 'lr', parseOptions(constantOptions, options, { subject: 'ConstantLR' }).value);
  }
}

/** The schedule of `ConstantLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class ConstantMomentum extends ConstantSchedule {
  static readonly entry: Entry<'paramScheduler', 'ConstantMomentum', ConstantMomentumOptions> = defineParamScheduler<
    'ConstantMomentum',
    typeof constantOptions,
    ConstantMomentumOptions
  >({
    name: 'ConstantMomentum',
    options: constantOptions,
    create: (options, { args }) => new ConstantMomentum(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Scales by a constant, for a while, the momentum.',
  });

  constructor(optimizer: Schedulable, options: ConstantMomentumOptions = {}) {
    super(
      optimizer,
      momentumField(optimizer),
      parseOptions(constantOptions, options, { subject: 'ConstantMomentum' }).value,
    );
  }
}

/** The schedule of `ConstantLR` for any group field (`paramName`). */
export class ConstantParamScheduler extends ConstantSchedule {
  static readonly entry: Entry<'paramScheduler', 'ConstantParamScheduler', ConstantParamSchedulerOptions> =
    defineParamScheduler<'ConstantParamScheduler', typeof constantParamOptions, ConstantParamSchedulerOptions>({
      name: 'ConstantParamScheduler',
      options: constantParamOptions,
      create: (options, { args }) => new ConstantParamScheduler(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Scales by a constant, for a while, any field of the parameter groups.',
    });

  constructor(optimizer: Schedulable, options: ConstantParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(constantParamOptions, options, {
      subject: 'ConstantParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
