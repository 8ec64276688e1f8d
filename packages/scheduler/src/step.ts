import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { momentumField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** Steps, counted from `begin`, between two decays. */
  stepSize: z.number().check(z.positive()),
  gamma: z._default(z.number(), 0.1),
  ...windowShape,
};
const stepOptions = z.strictObject(shape);
const stepParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof stepOptions>;

export interface StepLROptions extends z.input<typeof stepOptions> {}
export interface StepMomentumOptions extends z.input<typeof stepOptions> {}
export interface StepParamSchedulerOptions extends z.input<typeof stepParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    StepLR: typeof StepLR;
    StepMomentum: typeof StepMomentum;
    StepParamScheduler: typeof StepParamScheduler;
  }
}

type Fields = { stepSize: number; gamma: number };

class StepSchedule extends BaseParamScheduler<Fields> {
  constructor(optimizer: Schedulable, paramName: string, { stepSize, gamma, ...window }: Parsed) {
    super(optimizer, { paramName, window, fields: ({ scale }) => ({ stepSize: stepSize * scale, gamma }) });
  }

  protected override nextValue({ stepSize, gamma }: Fields, { current, step }: ScheduleStep): number {
    return step === 0 || step % stepSize !== 0 ? current : current * gamma;
  }
}

/** Multiplies the learning rate by `gamma` every `stepSize` steps. */
export class StepLR extends StepSchedule {
  static readonly entry: Entry<'paramScheduler', 'StepLR', StepLROptions> = defineParamScheduler<
    'StepLR',
    typeof stepOptions,
    StepLROptions
  >({
    name: 'StepLR',
    options: stepOptions,
    create: (options, { args }) => new StepLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays every few steps the learning rate.',
  });

  constructor(optimizer: Schedulable, options: StepLROptions) {
    super(optimizer, 'lr', parseOptions(stepOptions, options, { subject: 'StepLR' }).value);
  }
}

/** The schedule of `StepLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class StepMomentum extends StepSchedule {
  static readonly entry: Entry<'paramScheduler', 'StepMomentum', StepMomentumOptions> = defineParamScheduler<
    'StepMomentum',
    typeof stepOptions,
    StepMomentumOptions
  >({
    name: 'StepMomentum',
    options: stepOptions,
    create: (options, { args }) => new StepMomentum(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays every few steps the momentum.',
  });

  constructor(optimizer: Schedulable, options: StepMomentumOptions) {
    super(optimizer, momentumField(optimizer), parseOptions(stepOptions, options, { subject: 'StepMomentum' }).value);
  }
}

/** The schedule of `StepLR` for any group field (`paramName`). */
export class StepParamScheduler extends StepSchedule {
  static readonly entry: Entry<'paramScheduler', 'StepParamScheduler', StepParamSchedulerOptions> =
    defineParamScheduler<'StepParamScheduler', typeof stepParamOptions, StepParamSchedulerOptions>({
      name: 'StepParamScheduler',
      options: stepParamOptions,
      create: (options, { args }) => new StepParamScheduler(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Decays every few steps any field of the parameter groups.',
    });

  constructor(optimizer: Schedulable, options: StepParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(stepParamOptions, options, { subject: 'StepParamScheduler' }).value;
    super(optimizer, paramName, rest);
  }
}
