import type { JsonObject } from '@engine/core';
import type { ParamScheduler, Schedulable } from './contract.js';
import { schedulerErrors } from './errors.js';
import { onePerGroup, readField, writeField } from './group-field.js';
import { checkedState, groupsOf, initialValues } from './scheduler-state.js';
import { NEVER, resolveWindow, type WindowOptions } from './window.js';

export interface PlateauOptions extends WindowOptions {
  readonly monitor: string;
  readonly rule: 'less' | 'greater';
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdRule: 'rel' | 'abs';
  readonly cooldown: number;
  readonly minValue: number | readonly number[];
  readonly eps: number;
}

/** What is saved beside the window; a loaded state replaces all of it. */
type Fields = Omit<PlateauOptions, keyof WindowOptions | 'minValue'> & {
  minValues: number[];
  /** What `best` starts from. */
  ruleWorse: number;
  best: number;
  cooldownCounter: number;
  numBadEpochs: number;
};

/**
 * Lowers a field when a metric has stopped improving. `step()` counts a finished epoch, `step(metrics)` follows a validation; making one
 * performs no step. Acts on validations after epochs in [begin, end).
 */
export class PlateauSchedule implements ParamScheduler {
  readonly paramName: string;
  readonly needsMetrics = true;
  readonly byEpoch = true;
  readonly verbose: boolean;
  readonly #groups: Schedulable['paramGroups'];
  #fields: Fields;
  #begin: number;
  #end: number;
  #lastStep: number;
  #globalStep = 0;
  #lastValues: readonly number[];

  /** @throws `ENGINE_SCHEDULER_NOT_SCHEDULABLE`, `_NO_FIELD`, `_NO_INITIAL`, `_BAD_WINDOW`, `_NEEDS_EPOCHS`, `_GROUP_COUNT` */
  constructor(optimizer: Schedulable, paramName: string, options: PlateauOptions) {
    checkUnit(options);
    const { begin, end, lastStep } = resolveWindow(options);
    const { monitor, rule, factor, patience, threshold, thresholdRule, cooldown, minValue, eps, verbose } = options;
    this.paramName = paramName;
    this.verbose = verbose;
    this.#groups = groupsOf(optimizer);
    initialValues(this.#groups, paramName, lastStep);
    const own = optimizer.optimizer?.paramGroups.length ?? this.#groups.length;
    const ruleWorse = rule === 'less' ? NEVER : -NEVER;
    this.#fields = {
      ...{ monitor, rule, factor, patience, threshold, thresholdRule, cooldown, eps },
      minValues: onePerGroup('minValue', minValue, this.#groups.length, own),
      ruleWorse,
      best: ruleWorse,
      cooldownCounter: 0,
      numBadEpochs: 0,
    };
    this.#begin = begin;
    this.#end = end;
    this.#lastStep = lastStep;
    this.#lastValues = this.#read();
  }

  get lastStep(): number {
    return this.#lastStep;
  }

  /** The metric that it follows. */
  get monitor(): string {
    return this.#fields.monitor;
  }

  /** @throws `ENGINE_SCHEDULER_NO_METRIC` when the validation does not give the metric, `_BAD_METRICS` */
  step(metrics?: Readonly<Record<string, number>>): void {
    if (metrics === undefined) {
      this.#globalStep += 1;
      return;
    }
    if (typeof metrics !== 'object' || metrics === null) throw badMetrics(metrics);
    if (this.#globalStep >= this.#begin && this.#globalStep < this.#end) {
      this.#lastStep += 1;
      this.#follow(metricOf(metrics, this.#fields.monitor));
    }
    this.#lastValues = this.#read();
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
      byEpoch: true,
      lastStep: this.#lastStep,
      globalStep: this.#globalStep,
      lastValues: [...this.#lastValues],
    };
  }

  /** Takes over everything that was saved, the options included. Does not touch the groups. @throws `ENGINE_SCHEDULER_STATE_MISMATCH` */
  loadStateDict(state: JsonObject): void {
    const saved = checkedState(this.stateDict(), state);
    const { paramName: _, byEpoch: __, begin, end, lastStep, globalStep, lastValues, ...fields } = saved;
    this.#fields = fields as unknown as Fields;
    this.#begin = begin as number;
    this.#end = end as number;
    this.#lastStep = lastStep as number;
    this.#globalStep = globalStep as number;
    this.#lastValues = lastValues as number[];
  }

  #follow(metric: number): void {
    const fields = this.#fields;
    if (isBetter(metric, fields)) {
      fields.best = metric;
      fields.numBadEpochs = 0;
    } else {
      fields.numBadEpochs += 1;
    }
    if (fields.cooldownCounter > 0) {
      fields.cooldownCounter -= 1;
      fields.numBadEpochs = 0;
    }
    if (fields.numBadEpochs <= fields.patience) return;
    this.#reduce();
    fields.cooldownCounter = fields.cooldown;
    fields.numBadEpochs = 0;
  }

  #reduce(): void {
    const { factor, minValues, eps } = this.#fields;
    for (const [i, group] of this.#groups.entries()) {
      const current = readField(group, this.paramName);
      const value = Math.max(current * factor, minValues[i] as number);
      if (current - value > eps) writeField(group, this.paramName, value);
    }
  }

  #read(): number[] {
    return this.#groups.map((group) => readField(group, this.paramName));
  }
}

function isBetter(metric: number, { best, rule, threshold, thresholdRule }: Fields): boolean {
  if (rule === 'less') return metric < (thresholdRule === 'rel' ? best * (1 - threshold) : best - threshold);
  return metric > (thresholdRule === 'rel' ? best * (threshold + 1) : best + threshold);
}

function metricOf(metrics: Readonly<Record<string, number>>, monitor: string): number {
  const metric = metrics[monitor];
  if (metric !== undefined && Object.hasOwn(metrics, monitor)) return metric;
  const names = Object.keys(metrics);
  throw schedulerErrors.NO_METRIC({
    subject: 'monitor',
    expected: names.length === 0 ? 'a validation that measures something' : `one of ${names.join(', ')}`,
    received: monitor,
    action: 'set monitor to the name of a metric that the validation gives',
  });
}

function badMetrics(metrics: unknown): Error {
  return schedulerErrors.BAD_METRICS({
    expected: 'an object from names to numbers',
    received: String(metrics),
    action: 'pass what the evaluator returned, or nothing after an epoch without validation',
  });
}

function checkUnit({ byEpoch, convertToIterBased }: WindowOptions): void {
  if (byEpoch && !convertToIterBased) return;
  throw schedulerErrors.NEEDS_EPOCHS({
    expected: 'byEpoch = true, without convertToIterBased',
    received: `byEpoch = ${byEpoch}, convertToIterBased = ${convertToIterBased}`,
    action: 'leave both options out; a schedule that follows validations counts epochs',
  });
}
