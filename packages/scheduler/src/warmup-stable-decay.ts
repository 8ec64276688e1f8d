import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { schedulerErrors } from './errors.js';
import { inRun, paramNameShape, windowShape } from './window.js';

/** From 1 at share 0 to 0 at share 1; a rise is the same curve backwards. */
const falls = {
  linear: (share: number) => 1 - share,
  cosine: (share: number) => (1 + Math.cos(Math.PI * share)) / 2,
  sqrt: (share: number) => 1 - Math.sqrt(share),
} as const;
const curves = ['linear', 'cosine', 'sqrt'] as const satisfies readonly (keyof typeof falls)[];

const shape = {
  /** Steps of the rise from `minRatio` at the beginning of the window. */
  warmupSteps: z._default(z.number().check(z.nonnegative()), 0),
  /** Steps of the fall to `minRatio` at the end of the window. */
  decaySteps: z.number().check(z.nonnegative()),
  warmupType: z._default(z.enum(curves), 'linear'),
  decayType: z._default(z.enum(curves), 'cosine'),
  /** The lowest value, as a share of the initial value. */
  minRatio: z._default(z.number().check(z.gte(0), z.lte(1)), 0),
  ...windowShape,
};
const warmupStableDecayOptions = z.strictObject(shape);
const warmupStableDecayParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof warmupStableDecayOptions>;

export interface WarmupStableDecayLROptions extends z.input<typeof warmupStableDecayOptions> {}
export interface WarmupStableDecayParamSchedulerOptions extends z.input<typeof warmupStableDecayParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    WarmupStableDecayLR: typeof WarmupStableDecayLR;
    WarmupStableDecayParamScheduler: typeof WarmupStableDecayParamScheduler;
  }
}

type Curve = (typeof curves)[number];
type Fields = {
  warmupSteps: number;
  stableSteps: number;
  decaySteps: number;
  warmupType: Curve;
  decayType: Curve;
  minRatio: number;
};

/** A function of the step and the initial value: it does not combine with other schedules of the same field. */
class WarmupStableDecaySchedule extends BaseParamScheduler<Fields> {
  /** @throws `ENGINE_SCHEDULER_BAD_PERIODS` when the two slopes do not fit into the window */
  constructor(optimizer: Schedulable, paramName: string, options: Parsed) {
    const { warmupSteps, decaySteps, warmupType, decayType, minRatio, ...window } = options;
    super(optimizer, {
      paramName,
      window,
      fields: ({ begin, end, scale }) => {
        const [warmup, decay] = [warmupSteps * scale, decaySteps * scale];
        const stableSteps = end - begin - warmup - decay;
        if (stableSteps < 0) throw noRoom(warmup, decay, end - begin);
        return { warmupSteps: warmup, stableSteps, decaySteps: decay, warmupType, decayType, minRatio };
      },
    });
  }

  protected override nextValue(fields: Fields, { base, step }: ScheduleStep): number {
    return base * factorAt(fields, step);
  }
}

function factorAt(fields: Fields, step: number): number {
  const { warmupSteps, stableSteps, decaySteps, warmupType, decayType, minRatio } = fields;
  const raised = (share: number) => share * (1 - minRatio) + minRatio;
  if (step < warmupSteps) return raised(falls[warmupType](1 - step / warmupSteps));
  const decayed = step - warmupSteps - stableSteps;
  return decayed < 0 ? 1 : raised(falls[decayType](decayed / decaySteps));
}

function noRoom(warmup: number, decay: number, length: number): Error {
  return schedulerErrors.BAD_PERIODS({
    expected: `warmupSteps and decaySteps within the ${length} steps of the window`,
    received: `warmupSteps = ${warmup}, decaySteps = ${decay}`,
    action: 'shorten one of them or give a later end',
  });
}

/** Raises the learning rate, keeps it, and lets it fall at the end of the window (WSD, the trapezoid). */
export class WarmupStableDecayLR extends WarmupStableDecaySchedule {
  static readonly entry: Entry<'paramScheduler', 'WarmupStableDecayLR', WarmupStableDecayLROptions> =
    defineParamScheduler<'WarmupStableDecayLR', typeof warmupStableDecayOptions, WarmupStableDecayLROptions>({
      name: 'WarmupStableDecayLR',
      options: warmupStableDecayOptions,
      create: (options, { args }) => new WarmupStableDecayLR(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Warms up, stays and decays at the end the learning rate.',
    });

  constructor(optimizer: Schedulable, options: WarmupStableDecayLROptions) {
    super(optimizer, 'lr', parseOptions(warmupStableDecayOptions, options, { subject: 'WarmupStableDecayLR' }).value);
  }
}

/** The schedule of `WarmupStableDecayLR` for any group field (`paramName`). */
export class WarmupStableDecayParamScheduler extends WarmupStableDecaySchedule {
  static readonly entry: Entry<
    'paramScheduler',
    'WarmupStableDecayParamScheduler',
    WarmupStableDecayParamSchedulerOptions
  > = defineParamScheduler<
    'WarmupStableDecayParamScheduler',
    typeof warmupStableDecayParamOptions,
    WarmupStableDecayParamSchedulerOptions
  >({
    name: 'WarmupStableDecayParamScheduler',
    options: warmupStableDecayParamOptions,
    create: (options, { args }) => new WarmupStableDecayParamScheduler(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Warms up, stays and decays at the end any field of the parameter groups.',
  });

  constructor(optimizer: Schedulable, options: WarmupStableDecayParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(warmupStableDecayParamOptions, options, {
      subject: 'WarmupStableDecayParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
