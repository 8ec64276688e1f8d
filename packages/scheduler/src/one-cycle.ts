import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { BaseParamScheduler, type ScheduleStep } from './base-param-scheduler.js';
import type { Schedulable } from './contract.js';
import { defineParamScheduler } from './define.js';
import { schedulerErrors } from './errors.js';
import { onePerGroup, readField } from './group-field.js';
import { inRun, paramNameShape, windowShape } from './window.js';

const shape = {
  /** The peak, for all groups or one a group. */
  etaMax: z.union([z.number(), z.array(z.number())]),
  /** Steps of the whole cycle. Default: the length of the window. */
  totalSteps: z.optional(z.nullable(z.int().check(z.positive()))),
  /** Share of the cycle that rises. */
  pctStart: z._default(z.number().check(z.gte(0), z.lte(1)), 0.3),
  annealStrategy: z._default(z.enum(['cos', 'linear']), 'cos'),
  /** The cycle starts from `etaMax / divFactor` ... */
  divFactor: z._default(z.number(), 25),
  /** ... and ends at that divided by this. */
  finalDivFactor: z._default(z.number(), 1e4),
  /** Whether a fall as long as the rise, back to the start, comes before the final fall. */
  threePhase: z._default(z.boolean(), false),
  ...windowShape,
};
const oneCycleOptions = z.strictObject(shape);
const oneCycleParamOptions = z.strictObject({ ...paramNameShape, ...shape });
type Parsed = z.output<typeof oneCycleOptions>;

export interface OneCycleLROptions extends z.input<typeof oneCycleOptions> {}
export interface OneCycleParamSchedulerOptions extends z.input<typeof oneCycleParamOptions> {}

declare module '@engine/registry' {
  interface ParamSchedulers {
    OneCycleLR: typeof OneCycleLR;
    OneCycleParamScheduler: typeof OneCycleParamScheduler;
  }
}

type Level = 'initialLr' | 'maxLr' | 'minLr';
type Phase = { endStep: number; start: Level; end: Level };
type Fields = {
  etaMax: number | number[];
  divFactor: number;
  finalDivFactor: number;
  totalSteps: number;
  annealStrategy: 'cos' | 'linear';
  phases: Phase[];
};

/** Reads its levels from the groups (`initialLr`, `maxLr`, `minLr`), where making it puts them; it does not combine with other schedules. */
class OneCycleSchedule extends BaseParamScheduler<Fields> {
  /** @throws `ENGINE_SCHEDULER_NOT_LR`, `_GROUP_COUNT` */
  constructor(optimizer: Schedulable, paramName: string, options: Parsed) {
    const { etaMax, totalSteps, pctStart, annealStrategy, divFactor, finalDivFactor, threePhase, ...window } = options;
    checkField(paramName);
    super(optimizer, {
      paramName,
      window,
      prepare: (groups) => {
        const peaks = onePerGroup('etaMax', etaMax, groups.length);
        for (const [i, group] of groups.entries()) setLevels(group, peaks[i] as number, { divFactor, finalDivFactor });
      },
      fields: ({ begin, end, scale }) => {
        const steps = typeof totalSteps === 'number' ? totalSteps * scale : end - begin;
        const phases = phasesOf(steps, pctStart, threePhase);
        return { etaMax, divFactor, finalDivFactor, totalSteps: steps, annealStrategy, phases };
      },
    });
  }

  protected override nextValue({ phases, totalSteps, annealStrategy }: Fields, { step, group }: ScheduleStep): number {
    if (step > totalSteps) throw tooManySteps(step, totalSteps);
    const found = phases.findIndex(({ endStep }) => step <= endStep);
    const index = found === -1 ? phases.length - 1 : found;
    const { endStep, start, end } = phases[index] as Phase;
    const startStep = index === 0 ? 0 : (phases[index - 1] as Phase).endStep;
    const share = (step - startStep) / (endStep - startStep);
    const [from, to] = [readField(group, start), readField(group, end)];
    return annealStrategy === 'cos'
      ? to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1)
      : (to - from) * share + from;
  }
}

function phasesOf(steps: number, pctStart: number, threePhase: boolean): Phase[] {
  const rise: Phase = { endStep: pctStart * steps - 1, start: 'initialLr', end: 'maxLr' };
  if (!threePhase) return [rise, { endStep: steps - 1, start: 'maxLr', end: 'minLr' }];
  return [
    rise,
    { endStep: 2 * pctStart * steps - 2, start: 'maxLr', end: 'initialLr' },
    { endStep: steps - 1, start: 'initialLr', end: 'minLr' },
  ];
}

function setLevels(
  group: Schedulable['paramGroups'][number],
  peak: number,
  { divFactor, finalDivFactor }: Pick<Fields, 'divFactor' | 'finalDivFactor'>,
): void {
  const initial = peak / divFactor;
  Object.assign(group, { initialLr: initial, maxLr: peak, minLr: initial / finalDivFactor });
}

function checkField(paramName: string): void {
  if (paramName === 'lr') return;
  throw schedulerErrors.NOT_LR({
    expected: 'paramName = lr',
    received: `paramName = ${paramName}`,
    action: 'use another schedule for this field; one cycle is of the learning rate',
  });
}

function tooManySteps(step: number, totalSteps: number): Error {
  return schedulerErrors.TOO_MANY_STEPS({
    expected: `at most ${totalSteps} steps (totalSteps)`,
    received: `step ${step}`,
    action: 'give totalSteps = the length of the run in steps, or an end to the schedule',
  });
}

/** Raises the learning rate to `etaMax` and lowers it far below its start, once over the run. */
export class OneCycleLR extends OneCycleSchedule {
  static readonly entry: Entry<'paramScheduler', 'OneCycleLR', OneCycleLROptions> = defineParamScheduler<
    'OneCycleLR',
    typeof oneCycleOptions,
    OneCycleLROptions
  >({
    name: 'OneCycleLR',
    options: oneCycleOptions,
    create: (options, { args }) => new OneCycleLR(args.optimizer, inRun(options, args)),
    module: '@engine/scheduler',
    doc: 'Runs through one cycle the learning rate.',
  });

  constructor(optimizer: Schedulable, options: OneCycleLROptions) {
    super(optimizer, 'lr', parseOptions(oneCycleOptions, options, { subject: 'OneCycleLR' }).value);
  }
}

/** The schedule of `OneCycleLR` for any group field (`paramName`). */
export class OneCycleParamScheduler extends OneCycleSchedule {
  static readonly entry: Entry<'paramScheduler', 'OneCycleParamScheduler', OneCycleParamSchedulerOptions> =
    defineParamScheduler<'OneCycleParamScheduler', typeof oneCycleParamOptions, OneCycleParamSchedulerOptions>({
      name: 'OneCycleParamScheduler',
      options: oneCycleParamOptions,
      create: (options, { args }) => new OneCycleParamScheduler(args.optimizer, inRun(options, args)),
      module: '@engine/scheduler',
      doc: 'Runs through one cycle any field of the parameter groups.',
    });

  constructor(optimizer: Schedulable, options: OneCycleParamSchedulerOptions) {
    const { paramName, ...rest } = parseOptions(oneCycleParamOptions, options, {
      subject: 'OneCycleParamScheduler',
    }).value;
    super(optimizer, paramName, rest);
  }
}
