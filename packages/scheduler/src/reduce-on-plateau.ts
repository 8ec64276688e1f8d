import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { momentumField } from './group-field.js';
import { PlateauSchedule } from './plateau-schedule.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** The metric to follow, by its full name: `accuracy/top1`. */
  monitor: z._default(z.string(), 'loss'),
  /** Whether `less` or `greater` is better. */
  rule: z._default(z.enum(['less', 'greater']), 'less'),
  /** What the value is multiplied by. */
  factor: z._default(z.number().check(z.lt(1)), 0.1),
  /** Validations without improvement that are put up with. */
  patience: z._default(z.number(), 10),
  /** How much better than the best is an improvement. */
  threshold: z._default(z.number().check(z.gte(0)), 1e-4),
  /** Whether `threshold` is a share of the best (`rel`) or a difference (`abs`). */
  thresholdRule: z._default(z.enum(['rel', 'abs']), 'rel'),
  /** Validations after a reduction in which nothing is counted. */
  cooldown: z._default(z.number(), 0),
  /** The lowest value, for all groups or one a group. */
  minValue: z._default(z.union([z.number(), z.array(z.number())]), 0),
  /** Reductions by less than this are not made. */
  eps: z._default(z.number(), 1e-8),
  ...windowShape,
};
const reduceOnPlateauOptions = z.strictObject(shape);
const reduceOnPlateauParamOptions = z.strictObject({ ...paramNameShape, ...shape });

export interface ReduceOnPlateauLROptions extends z.input<typeof reduceOnPlateauOptions> {}
export interface ReduceOnPlateauMomentumOptions extends z.input<typeof reduceOnPlateauOptions> {}
export interface ReduceOnPlateauParamSchedulerOptions extends z.input<typeof reduceOnPlateauParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    ReduceOnPlateauLR: typeof ReduceOnPlateauLR;
    ReduceOnPlateauMomentum: typeof ReduceOnPlateauMomentum;
    ReduceOnPlateauParamScheduler: typeof ReduceOnPlateauParamScheduler;
  }
}

/** Multiplies the learning rate by `factor` when a metric of the validation has stopped improving. */
export class ReduceOnPlateauLR extends PlateauSchedule {
  static readonly entry: Entry<'paramScheduler', 'ReduceOnPlateauLR', ReduceOnPlateauLROptions> = defineParamScheduler<
    'ReduceOnPlateauLR',
    typeof reduceOnPlateauOptions,
    ReduceOnPlateauLROptions
  >({
    name: 'ReduceOnPlateauLR',
    options: reduceOnPlateauOptions,
    create: (options, { args }) => new ReduceOnPlateauLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Lowers on a plateau of a metric the learning rate.',
  });

  constructor(optimizer: Schedulable, options: ReduceOnPlateauLROptions = {}) {
    super(optimizer, 'lr', parseOptions(reduceOnPlateauOptions, options, { subject: 'ReduceOnPlateauLR' }).value);
  }
}

/** The schedule of `ReduceOnPlateauLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class ReduceOnPlateauMomentum extends PlateauSchedule {
  static readonly entry: Entry<'paramScheduler', 'ReduceOnPlateauMomentum', ReduceOnPlateauMomentumOptions> =
    defineParamScheduler<'ReduceOnPlateauMomentum', typeof reduceOnPlateauOptions, ReduceOnPlateauMomentumOptions>({
      name: 'ReduceOnPlateauMomentum',
      options: reduceOnPlateauOptions,
      create: (options, { args }) => new ReduceOnPlateauMomentum(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Lowers on a plateau of a metric the momentum.',
    });

  constructor(optimizer: Schedulable, options: ReduceOnPlateauMomentumOptions = {}) {
    super(
      optimizer,
      momentumField(optimizer),
      parseOptions(reduceOnPlateauOptions, options, { subject: 'ReduceOnPlateauMomentum' }).value,
    );
  }
}

/** The schedule of `ReduceOnPlateauLR` for any group field (`paramName`). */
export class ReduceOnPlateauParamScheduler extends PlateauSchedule {
  static readonly entry: Entry<
    'paramScheduler',
    'ReduceOnPlateauParamScheduler',
    ReduceOnPlateauParamSchedulerOptions
  > = defineParamScheduler<
    'ReduceOnPlateauParamScheduler',
    typeof reduceOnPlateauParamOptions,
    ReduceOnPlateauParamSchedulerOptions
  >({
    name: 'ReduceOnPlateauParamScheduler',
    options: reduceOnPlateauParamOptions,
    create: (options, { args }) => new ReduceOnPlateauParamScheduler(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Lowers on a plateau of a metric any field of the parameter groups.',
  });

  constructor(optimizer: Schedulable, options: ReduceOnPlateauParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(reduceOnPlateauParamOptions, options, {
      subject: 'ReduceOnPlateauParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
