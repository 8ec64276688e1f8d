import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { momentumField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** Steps, counted from `begin`, at which the value is multiplied by `gamma`; one given twice counts twice. */
  milestones: z.array(z.number().check(z.nonnegative())),
  gamma: z._default(z.number(), 0.1),
  ...windowShape,
};
const multiStepOptions = z.strictObject(shape);
const multiStepParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof multiStepOptions>;

export interface MultiStepLROptions extends z.input<typeof multiStepOptions> {}
export interface MultiStepMomentumOptions extends z.input<typeof multiStepOptions> {}
export interface MultiStepParamSchedulerOptions extends z.input<typeof multiStepParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    MultiStepLR: typeof MultiStepLR;
    MultiStepMomentum: typeof MultiStepMomentum;
    MultiStepParamScheduler: typeof MultiStepParamScheduler;
  }
}

type Fields = { milestones: number[]; gamma: number };

class MultiStepSchedule extends BaseParamScheduler<Fields> {
  constructor(optimizer: Schedulable, paramName: string, { milestones, gamma, ...window }: Parsed) {
    super(optimizer, {
      paramName,
      window,
      fields: ({ scale }) => ({ milestones: milestones.map((milestone) => milestone * scale), gamma }),
    });
  }

  protected override nextValue({ milestones, gamma }: Fields, { current, step }: ScheduleStep): number {
    return current * gamma ** milestones.filter((milestone) => milestone === step).length;
  }
}

/** Multiplies the learning rate by `gamma` at each of the `milestones`. */
export class MultiStepLR extends MultiStepSchedule {
  static readonly entry: Entry<'paramScheduler', 'MultiStepLR', MultiStepLROptions> = defineParamScheduler<
    'MultiStepLR',
    typeof multiStepOptions,
    MultiStepLROptions
  >({
    name: 'MultiStepLR',
    options: multiStepOptions,
    create: (options, { args }) => new MultiStepLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays in steps the learning rate.',
  });

  constructor(optimizer: Schedulable, options: MultiStepLROptions) {
    super(optimizer, 'lr', parseOptions(multiStepOptions, options, { subject: 'MultiStepLR' }).value);
  }
}

/** The schedule of `MultiStepLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class MultiStepMomentum extends MultiStepSchedule {
  static readonly entry: Entry<'paramScheduler', 'MultiStepMomentum', MultiStepMomentumOptions> = defineParamScheduler<
    'MultiStepMomentum',
    typeof multiStepOptions,
    MultiStepMomentumOptions
  >({
    name: 'MultiStepMomentum',
    options: multiStepOptions,
    create: (options, { args }) => new MultiStepMomentum(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays in steps the momentum.',
  });

  constructor(optimizer: Schedulable, options: MultiStepMomentumOptions) {
    super(
      optimizer,
      momentumField(optimizer),
      parseOptions(multiStepOptions, options, { subject: 'MultiStepMomentum' }).value,
    );
  }
}

/** The schedule of `MultiStepLR` for any group field (`paramName`). */
export class MultiStepParamScheduler extends MultiStepSchedule {
  static readonly entry: Entry<'paramScheduler', 'MultiStepParamScheduler', MultiStepParamSchedulerOptions> =
    defineParamScheduler<'MultiStepParamScheduler', typeof multiStepParamOptions, MultiStepParamSchedulerOptions>({
      name: 'MultiStepParamScheduler',
      options: multiStepParamOptions,
      create: (options, { args }) => new MultiStepParamScheduler(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Decays in steps any field of the parameter groups.',
    });

  constructor(optimizer: Schedulable, options: MultiStepParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(multiStepParamOptions, options, {
      subject: 'MultiStepParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
