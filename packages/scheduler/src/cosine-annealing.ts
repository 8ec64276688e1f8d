import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { cosineStep, lowestOf, type Minimum, oneMinimum } from './cosine.js';
import { defineParamScheduler } from './define.js';
import { momentumField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** Steps from the start to the minimum. Default: the length of the window. */
  tMax: z.optional(z.nullable(z.number().check(z.positive()))),
  /** The minimum; default 0. */
  etaMin: z.optional(z.nullable(z.number())),
  /** The minimum as a share of the initial value; instead of `etaMin`. */
  etaMinRatio: z.optional(z.nullable(z.number())),
  ...windowShape,
};
const cosineAnnealingOptions = z.strictObject(shape);
const cosineAnnealingParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof cosineAnnealingOptions>;

export interface CosineAnnealingLROptions extends z.input<typeof cosineAnnealingOptions> {}
export interface CosineAnnealingMomentumOptions extends z.input<typeof cosineAnnealingOptions> {}
export interface CosineAnnealingParamSchedulerOptions extends z.input<typeof cosineAnnealingParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    CosineAnnealingLR: typeof CosineAnnealingLR;
    CosineAnnealingMomentum: typeof CosineAnnealingMomentum;
    CosineAnnealingParamScheduler: typeof CosineAnnealingParamScheduler;
  }
}

type Fields = Minimum & { tMax: number };

class CosineAnnealingSchedule extends BaseParamScheduler<Fields> {
  /** @throws `ENGINE_SCHEDULER_TWO_MINIMA` */
  constructor(optimizer: Schedulable, paramName: string, { tMax, etaMin, etaMinRatio, ...window }: Parsed) {
    const minimum = oneMinimum(etaMin ?? (typeof etaMinRatio === 'number' ? null : 0), etaMinRatio);
    super(optimizer, {
      paramName,
      window,
      fields: ({ begin, end, scale }) => ({ tMax: typeof tMax === 'number' ? tMax * scale : end - begin, ...minimum }),
    });
  }

  protected override nextValue({ tMax, ...minimum }: Fields, { current, base, step }: ScheduleStep): number {
    if (step === 0) return current;
    const lowest = lowestOf(minimum, base);
    if ((step - 1 - tMax) % (2 * tMax) === 0) return current + ((base - lowest) * (1 - Math.cos(Math.PI / tMax))) / 2;
    return cosineStep(current, { step, period: tMax, lowest });
  }
}

/** Decays the learning rate along a cosine from its value at `begin` to the minimum, `tMax` steps later, and up again from there. */
export class CosineAnnealingLR extends CosineAnnealingSchedule {
  static readonly entry: Entry<'paramScheduler', 'CosineAnnealingLR', CosineAnnealingLROptions> = defineParamScheduler<
    'CosineAnnealingLR',
    typeof cosineAnnealingOptions,
    CosineAnnealingLROptions
  >({
    name: 'CosineAnnealingLR',
    options: cosineAnnealingOptions,
    create: (options, { args }) => new CosineAnnealingLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays along a cosine the learning rate.',
  });

  constructor(optimizer: Schedulable, options: CosineAnnealingLROptions = {}) {
    super(optimizer, 'lr', parseOptions(cosineAnnealingOptions, options, { subject: 'CosineAnnealingLR' }).value);
  }
}

/** The schedule of `CosineAnnealingLR` for the momentum, or for `betas[0]` of Adam and its kin. */
export class CosineAnnealingMomentum extends CosineAnnealingSchedule {
  static readonly entry: Entry<'paramScheduler', 'CosineAnnealingMomentum', CosineAnnealingMomentumOptions> =
    defineParamScheduler<'CosineAnnealingMomentum', typeof cosineAnnealingOptions, CosineAnnealingMomentumOptions>({
      name: 'CosineAnnealingMomentum',
      options: cosineAnnealingOptions,
      create: (options, { args }) => new CosineAnnealingMomentum(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Decays along a cosine the momentum.',
    });

  constructor(optimizer: Schedulable, options: CosineAnnealingMomentumOptions = {}) {
    super(
      optimizer,
      momentumField(optimizer),
      parseOptions(cosineAnnealingOptions, options, { subject: 'CosineAnnealingMomentum' }).value,
    );
  }
}

/** The schedule of `CosineAnnealingLR` for any group field (`paramName`). */
export class CosineAnnealingParamScheduler extends CosineAnnealingSchedule {
  static readonly entry: Entry<
    'paramScheduler',
    'CosineAnnealingParamScheduler',
    CosineAnnealingParamSchedulerOptions
  > = defineParamScheduler<
    'CosineAnnealingParamScheduler',
    typeof cosineAnnealingParamOptions,
    CosineAnnealingParamSchedulerOptions
  >({
    name: 'CosineAnnealingParamScheduler',
    options: cosineAnnealingParamOptions,
    create: (options, { args }) => new CosineAnnealingParamScheduler(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Decays along a cosine any field of the parameter groups.',
  });

  constructor(optimizer: Schedulable, options: CosineAnnealingParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(cosineAnnealingParamOptions, options, {
      subject: 'CosineAnnealingParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
