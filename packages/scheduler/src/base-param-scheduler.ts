import type { JsonObject } from '@engine/core';
import type { ParamScheduler, Schedulable } from './contract.js';
import { schedulerErrors } from './errors.js';
import { readField, writeField } from './group-field.js';
import { checkedState, groupsOf, initialValues } from './scheduler-state.js';
import { resolveWindow, type Window, type WindowOptions } from './window.js';

/** Where a schedule stands when it is asked for the next value of a group. */
export interface ScheduleStep {
  /** The value in force. Schedules multiply or shift it, so that several of them combine. */
  readonly current: number;
  /** The value that the group had before any schedule. */
  readonly base: number;
  /** Steps inside the window, from 0. */
  readonly step: number;
  /** All fields of the group. */
  readonly group: Schedulable['paramGroups'][number];
}

/** What a schedule is made of. */
export interface ScheduleOptions<F extends JsonObject> {
  /** The group field to write. */
  readonly paramName: string;
  readonly window: WindowOptions;
  /** The schedule's own numbers, given its window. They are saved, and a loaded state replaces them. */
  readonly fields: (window: Window) => F;
  /** Called once before step 0 with the groups, unless the schedule goes on from `lastStep`. */
  readonly prepare?: (groups: Schedulable['paramGroups']) => void;
}

/**
 * Base of schedules that are a recursion over steps. Making one performs its step 0 at once; each `step()` then advances by one.
 * Acts on global steps in [begin, end) and leaves the value alone outside. A subclass gives `nextValue`.
 */
export abstract class BaseParamScheduler<F extends JsonObject> implements ParamScheduler {
  readonly paramName: string;
  readonly needsMetrics = false;
  readonly verbose: boolean;
  readonly #groups: Schedulable['paramGroups'];
  #fields: F;
  #begin: number;
  #end: number;
  #byEpoch: boolean;
  #baseValues: readonly number[];
  #lastStep: number;
  #globalStep = -1;
  #lastValues: readonly number[] = [];

  /** @throws `ENGINE_SCHEDULER_NOT_SCHEDULABLE`, `_NO_FIELD`, `_NO_INITIAL`, `_BAD_WINDOW`, `_NOT_BY_EPOCH`, `_NO_EPOCH_LENGTH` */
  constructor(optimizer: Schedulable, { paramName, window: options, fields, prepare }: ScheduleOptions<F>) {
    const window = resolveWindow(options);
    this.paramName = paramName;
    this.verbose = options.verbose;
    this.#groups = groupsOf(optimizer);
    this.#fields = fields(window);
    this.#begin = window.begin;
    this.#end = window.end;
    this.#byEpoch = window.byEpoch;
    this.#lastStep = window.lastStep;
    if (window.lastStep === -1) prepare?.(this.#groups);
    this.#baseValues = initialValues(this.#groups, paramName, window.lastStep);
    this.step();
  }

  /** The value of one group after this step. */
  protected abstract nextValue(fields: F, at: ScheduleStep): number;

  get byEpoch(): boolean {
    return this.#byEpoch;
  }

  get lastStep(): number {
    return this.#lastStep;
  }

  /** @throws `ENGINE_SCHEDULER_NOT_FINITE` when the schedule divides by zero */
  step(): void {
    this.#globalStep += 1;
    if (this.#globalStep >= this.#begin && this.#globalStep < this.#end) {
      this.#lastStep += 1;
      const values = this.#groups.map((group, i) => this.#checkedValue(group, this.#baseValues[i] as number));
      for (const [i, group] of this.#groups.entries()) writeField(group, this.paramName, values[i] as number);
    }
    this.#lastValues = this.#groups.map((group) => readField(group, this.paramName));
  }

  lastValues(): readonly number[] {
    return this.#lastValues;
  }

  stateDict(): JsonObject {
    return {
      ...structuredClone(this.#fields),
      paramName: this.paramName,
      begin: this.#begin,
      end: this.#end,
      byEpoch: this.#byEpoch,
      baseValues: [...this.#baseValues],
      lastStep: this.#lastStep,
      globalStep: this.#globalStep,
      lastValues: [...this.#lastValues],
    };
  }

  /**
   * Takes over everything that was saved, the schedule's own numbers included; MMEngine's states too. Does not touch the groups.
   * @throws `ENGINE_SCHEDULER_STATE_MISMATCH`
   */
  loadStateDict(state: JsonObject): void {
    const saved = checkedState(this.stateDict(), state);
    const { paramName: _, begin, end, byEpoch, baseValues, lastStep, globalStep, lastValues, ...fields } = saved;
    this.#fields = fields as F;
    this.#begin = begin as number;
    this.#end = end as number;
    this.#byEpoch = byEpoch as boolean;
    this.#baseValues = baseValues as number[];
    this.#lastStep = lastStep as number;
    this.#globalStep = globalStep as number;
    this.#lastValues = lastValues as number[];
  }

  #checkedValue(group: Schedulable['paramGroups'][number], base: number): number {
    const current = readField(group, this.paramName);
    const value = this.nextValue(this.#fields, { current, base, step: this.#lastStep, group });
    if (Number.isFinite(value) || !Number.isFinite(current)) return value;
    throw schedulerErrors.NOT_FINITE({
      subject: this.paramName,
      expected: 'a finite value',
      received: `${value} at step ${this.#lastStep} of ${JSON.stringify(this.#fields)}`,
      action: 'start from a factor above 0; a value of 0 cannot be scaled up again',
    });
  }
}
