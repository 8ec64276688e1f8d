import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { momentumField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** What the value is multiplied by at first. */
  startFactor: z._default(z.number().check(z.gte(0), z.lte(1)), 1 / 3),
  /** What the value has been multiplied by at the last step of the window. */
  endFactor: z._default(z.number().check(z.gte(0), z.lte(1)), 1),
  ...windowShape,
};
const linearOptions = z.strictObject(shape);
const linearParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof linearOptions>;

export interface LinearLROptions extends z.input<typeof linearOptions> {}
export interface LinearMomentumOptions extends z.input<typeof linearOptions> {}
export interface LinearParamSchedulerOptions extends z.input<typeof linearParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    LinearLR: typeof LinearLR;
    LinearMomentum: typeof LinearMomentum;
    LinearParamScheduler: typeof LinearParamScheduler;
  }
}

type Fields = { startFactor: number; endFactor: number; totalIters: number };

/** With N = end - begin - 1: `v0 = v start`, then `v = v (1 + (end - start) / (N start + (t - 1)(end - start)))`. */
class LinearSchedule extends BaseParamScheduler<Fields> {
  constructor(optimizer: Schedulable, paramName: string, { startFactor, endFactor, ...window }: Parsed) {
    super(optimizer, {
      paramName,
      window,
      fields: ({ begin, end }) => ({ startFactor, endFactor, totalIters: end - begin - 1 }),
    });
  }

  protected override nextValue(
    { startFactor, endFactor, totalIters }: Fields,
    { current, step }: ScheduleStep,
  ): number {
    if (step === 0) return current * startFactor;
    const range = endFactor - startFactor;
    return current * (1 + range / (totalIters * startFactor + (step - 1) * range));
  }
}

/** Multiplies the learning rate by a factor that goes linearly from `startFactor` to `endFactor` over the window. */
export class LinearLR extends LinearSchedule {
  static readonly entry: Entry<'paramScheduler', 'LinearLR', LinearLROptions> = defineParamScheduler<
    'LinearLR',
    typeof linearOptions,
    LinearLROptions
  >({
    name: 'LinearLR',
    options: linearOptions,
    create: (options, { args }) => new LinearLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Changes linearly the learning rate.',
  });

  constructor(optimizer: Schedulable, options: LinearLROptions = {}) {
    super(optimizer, 'lr', parseOptions(linearOptions, options, { subject: 'LinearLR' }).value);
  }
}

/** The schedule of `LinearLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class LinearMomentum extends LinearSchedule {
  static readonly entry: Entry<'paramScheduler', 'LinearMomentum', LinearMomentumOptions> = defineParamScheduler<
    'LinearMomentum',
    typeof linearOptions,
    LinearMomentumOptions
  >({
    name: 'LinearMomentum',
    options: linearOptions,
    create: (options, { args }) => new LinearMomentum(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Changes linearly the momentum.',
  });

  constructor(optimizer: Schedulable, options: LinearMomentumOptions = {}) {
    super(
      optimizer,
      momentumField(optimizer),
      parseOptions(linearOptions, options, { subject: 'LinearMomentum' }).value,
    );
  }
}

/** The schedule of `LinearLR` for any group field (`paramName`). */
export class LinearParamScheduler extends LinearSchedule {
  static readonly entry: Entry<'paramScheduler', 'LinearParamScheduler', LinearParamSchedulerOptions> =
    defineParamScheduler<'LinearParamScheduler', typeof linearParamOptions, LinearParamSchedulerOptions>({
      name: 'LinearParamScheduler',
      options: linearParamOptions,
      create: (options, { args }) => new LinearParamScheduler(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Changes linearly any field of the parameter groups.',
    });

  constructor(optimizer: Schedulable, options: LinearParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(linearParamOptions, options, { subject: 'LinearParamScheduler' }).value;
    super(optimizer, paramName, rest);
  }
}
