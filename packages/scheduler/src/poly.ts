import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { momentumField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** The value at the last step of the window. */
  etaMin: z._default(z.number(), 0),
  power: z._default(z.number(), 1),
  ...windowShape,
};
const polyOptions = z.strictObject(shape);
const polyParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof polyOptions>;

export interface PolyLROptions extends z.input<typeof polyOptions> {}
export interface PolyMomentumOptions extends z.input<typeof polyOptions> {}
export interface PolyParamSchedulerOptions extends z.input<typeof polyParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    PolyLR: typeof PolyLR;
    PolyMomentum: typeof PolyMomentum;
    PolyParamScheduler: typeof PolyParamScheduler;
  }
}

type Fields = { etaMin: number; power: number; totalIters: number };

/** With N = end - begin - 1: `v = (v - etaMin) (1 - 1 / (N - t + 1)) ** power + etaMin`. */
class PolySchedule extends BaseParamScheduler<Fields> {
  constructor(optimizer: Schedulable, paramName: string, { etaMin, power, ...window }: Parsed) {
    super(optimizer, {
      paramName,
      window,
      fields: ({ begin, end }) => ({ etaMin, power, totalIters: end - begin - 1 }),
    });
  }

  protected override nextValue({ etaMin, power, totalIters }: Fields, { current, step }: ScheduleStep): number {
    if (step === 0) return current;
    return (current - etaMin) * (1 - 1 / (totalIters - step + 1)) ** power + etaMin;
  }
}

/** Decays the learning rate along a polynomial that reaches `etaMin` at the last step of the window. */
export class PolyLR extends PolySchedule {
  static readonly entry: Entry<'paramScheduler', 'PolyLR', PolyLROptions> = defineParamScheduler<
    'PolyLR',
    typeof polyOptions,
    PolyLROptions
  >({
    name: 'PolyLR',
    options: polyOptions,
    create: (options, { args }) => new PolyLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays along a polynomial the learning rate.',
  });

  constructor(optimizer: Schedulable, options: PolyLROptions = {}) {
    super(optimizer, 'lr', parseOptions(polyOptions, options, { subject: 'PolyLR' }).value);
  }
}

/** The schedule of `PolyLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class PolyMomentum extends PolySchedule {
  static readonly entry: Entry<'paramScheduler', 'PolyMomentum', PolyMomentumOptions> = defineParamScheduler<
    'PolyMomentum',
    typeof polyOptions,
    PolyMomentumOptions
  >({
    name: 'PolyMomentum',
    options: polyOptions,
    create: (options, { args }) => new PolyMomentum(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays along a polynomial the momentum.',
  });

  constructor(optimizer: Schedulable, options: PolyMomentumOptions = {}) {
    super(optimizer, momentumField(optimizer), parseOptions(polyOptions, options, { subject: 'PolyMomentum' }).value);
  }
}

/** The schedule of `PolyLR` for any group field (`paramName`). */
export class PolyParamScheduler extends PolySchedule {
  static readonly entry: Entry<'paramScheduler', 'PolyParamScheduler', PolyParamSchedulerOptions> =
    defineParamScheduler<'PolyParamScheduler', typeof polyParamOptions, PolyParamSchedulerOptions>({
      name: 'PolyParamScheduler',
      options: polyParamOptions,
      create: (options, { args }) => new PolyParamScheduler(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Decays along a polynomial any field of the parameter groups.',
    });

  constructor(optimizer: Schedulable, options: PolyParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(polyParamOptions, options, { subject: 'PolyParamScheduler' }).value;
    super(optimizer, paramName, rest);
  }
}
