import type { BuildArgs } from '@engine/core';
import * as z from 'zod/mini';
import { schedulerErrors } from './errors.js';

/** Later than any run gets; stands for a schedule without end (MMEngine's number, kept because states are JSON). */
export const NEVER = 1e9;

/** Options that all schedules share: when they act, and what a step is. */
export const windowShape = {
  /** First step of the schedule; before it the value is left alone. */
  begin: z._default(z.number().check(z.nonnegative()), 0),
  /** The step after the last one. Default: in a run its length, otherwise never. */
  end: z.optional(z.number().check(z.positive())),
  /** Steps inside the window that were made before; the groups must then have their initial values. */
  lastStep: z._default(z.int().check(z.gte(-1)), -1),
  /** Whether a step is an epoch or an iteration. */
  byEpoch: z._default(z.boolean(), true),
  /** Turns all numbers given in epochs into iterations. */
  convertToIterBased: z._default(z.boolean(), false),
  /** Iterations an epoch; needed for the conversion, filled in by the run. */
  epochLength: z.optional(z.int().check(z.positive())),
  /** Logs what each step sets. */
  verbose: z._default(z.boolean(), false),
};

/** Which field, for generic schedulers: `lr`, `betas[0]`, or one of your own. */
export const paramNameShape = { paramName: z.string().check(z.minLength(1)) };

export type WindowOptions = z.output<z.ZodMiniObject<typeof windowShape>>;

/** When a schedule acts, in its own unit of steps. */
export interface Window {
  readonly begin: number;
  readonly end: number;
  readonly lastStep: number;
  readonly byEpoch: boolean;
  /** What other numbers given in epochs are to be multiplied by. */
  readonly scale: number;
}

/** @throws `ENGINE_SCHEDULER_BAD_WINDOW`, `_NOT_BY_EPOCH`, `_NO_EPOCH_LENGTH` */
export function resolveWindow(options: WindowOptions): Window {
  const { begin, end = NEVER, lastStep, byEpoch, convertToIterBased, epochLength } = options;
  if (end <= begin) {
    throw schedulerErrors.BAD_WINDOW({
      expected: 'end above begin',
      received: `begin = ${begin}, end = ${end}`,
      action: 'give the schedule at least one step; end is the step after its last',
    });
  }
  if (!convertToIterBased) return { begin, end, lastStep, byEpoch, scale: 1 };
  if (!byEpoch) {
    throw schedulerErrors.NOT_BY_EPOCH({
      expected: 'byEpoch = true with convertToIterBased',
      received: 'byEpoch = false',
      action: 'leave out one of the two options',
    });
  }
  if (epochLength === undefined) {
    throw schedulerErrors.NO_EPOCH_LENGTH({
      expected: 'epochLength with convertToIterBased',
      received: 'epochLength = undefined',
      action: 'pass epochLength: the number of batches of an epoch',
    });
  }
  const iterations = (epochs: number) => (epochs === NEVER ? NEVER : Math.trunc(epochs * epochLength));
  return { begin: iterations(begin), end: iterations(end), lastStep, byEpoch: false, scale: epochLength };
}

/** Fills in what a run knows: its length and that of an epoch. */
export function inRun<O extends WindowOptions>(options: O, run: BuildArgs['paramScheduler']): O {
  const { end = options.byEpoch ? run.maxEpochs : run.maxIters, epochLength = run.epochLength } = options;
  return { ...options, ...(end !== undefined && { end }), ...(epochLength !== undefined && { epochLength }) };
}
