import { readFile } from 'node:fs/promises';
import { EngineError, type JsonObject, type ParameterLike } from '@engine/core';
import * as optim from '@engine/optim';
import { type Optimizer, OptimWrapper } from '@engine/optim';
import { Registry } from '@engine/registry';
import type { ParamScheduler } from '@engine/scheduler';
import * as scheduling from '@engine/scheduler';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { guarded } from './harness/guarded.js';
import { ascending, camelKeys, expectedState } from './harness/scheduler-state.js';

const TOLERANCE = 1e-9;
/** Below this, errors count as absolute: a schedule that ends at zero. */
const SMALLEST = 1e-12;
const registry = new Registry();
registry.registerExports(optim);
registry.registerExports(scheduling);
type Fields = Readonly<Record<string, unknown>>;
interface Case {
  readonly id: string;
  readonly optimizer: {
    readonly type: string;
    readonly groups: readonly Fields[];
    readonly args: Fields;
    readonly wrapper?: boolean;
  };
  readonly schedulers: readonly (Fields & { readonly type: string })[];
  readonly resume_schedulers?: Case['schedulers'];
  readonly resume_scheduler_states?: readonly Fields[];
  readonly driver:
    | {
        readonly kind: 'each';
        readonly steps: number;
        readonly resume_at?: number;
        readonly metrics?: readonly number[];
      }
    | {
        readonly kind: 'runner';
        readonly epochs: number;
        readonly iters_per_epoch: number;
        readonly metrics?: readonly number[];
      };
  readonly epoch_length: number | null;
  readonly record: readonly string[];
  readonly raises: { readonly type: string } | null;
  readonly values: Readonly<Record<string, readonly unknown[]>>;
  readonly state_dicts: readonly Fields[];
  readonly last_values: readonly unknown[];
  readonly param_groups_before: readonly Fields[];
  readonly param_groups_after: readonly Fields[];
}

/** Parameter schedulers: every recorded value, state and final group, and the kind of every refusal. */
export const area: ParityArea = {
  name: 'schedulers',
  tolerance: 'relative 1e-9',
  async *replay(file) {
    const { cases } = JSON.parse(await readFile(file, 'utf8')) as { readonly cases: readonly Case[] };
    for (const golden of cases) yield await guarded(golden.id, () => replayCase(golden));
  },
};

async function replayCase(golden: Case): Promise<ReplayResult> {
  const { id, raises } = golden;
  const run = new SchedulerRun(golden);
  try {
    if (raises !== null) return await refusal(golden, raises.type, () => run.drive(new Comparison()));
    const comparison = new Comparison();
    await run.replay(comparison);
    const { fault, maxError } = comparison;
    return { id, ok: fault === undefined, maxError, ...(fault !== undefined && { error: fault }) };
  } finally {
    run.dispose();
  }
}

/** Python's exception classes and the kinds of our errors that stand for them. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  ValueError: ['value'],
  KeyError: ['key', 'state'],
  TypeError: ['type', 'key'], // a misspelt or missing argument is a TypeError there
  AssertionError: ['value', 'type'],
  AttributeError: ['value'],
  ZeroDivisionError: ['numeric', 'value'],
};

async function refusal({ id }: Case, type: string, action: () => Promise<unknown>): Promise<ReplayResult> {
  try {
    await action();
  } catch (error) {
    const ok = error instanceof EngineError && (kinds[type]?.includes(error.kind) ?? false);
    return ok ? { id, ok } : { id, ok, error: `expected an error like ${type}, got ${String(error)}` };
  }
  return { id, ok: false, error: `expected an error like ${type}, got none` };
}

/** The groups of an optimizer that we do not have: all that schedules see of one. */
class BareGroups {
  readonly paramGroups: Record<string, unknown>[];

  constructor(groups: readonly Fields[]) {
    this.paramGroups = groups.map((group) => ({ ...group }));
  }

  async stateDict(): Promise<Fields> {
    return { paramGroups: structuredClone(this.paramGroups) };
  }

  loadStateDict({ paramGroups }: { readonly paramGroups: readonly Fields[] }): void {
    for (const [i, group] of this.paramGroups.entries()) Object.assign(group, paramGroups[i]);
  }
}

/** One case: optimizer, schedulers and what is recorded of them. */
class SchedulerRun {
  readonly #golden: Case;
  readonly #alive: { dispose(): void }[] = [];
  #target: Optimizer | OptimWrapper | BareGroups;
  #schedulers: ParamScheduler[] = [];
  readonly #records: Record<string, unknown[]> = {};

  constructor(golden: Case) {
    this.#golden = golden;
    this.#target = this.#makeTarget();
  }

  #build(configs: Case['schedulers']): void {
    const args = { optimizer: this.#target, epochLength: this.#golden.epoch_length ?? 1 };
    this.#schedulers = configs.map((config) => registry.build('paramScheduler', config, { args }));
  }

  /** Builds the schedulers and takes all steps. */
  async drive(compare: Comparison): Promise<void> {
    const { driver, schedulers } = this.#golden;
    this.#build(schedulers);
    if (driver.kind === 'each') await this.#runEach(driver, compare);
    else this.#runLoop(driver);
  }

  async replay(compare: Comparison): Promise<void> {
    const { values, state_dicts, last_values, param_groups_after } = this.#golden;
    await this.drive(compare);
    compare.check('values', this.#records, values);
    for (const [i, state] of state_dicts.entries())
      compare.check(`state_dicts[${i}]`, this.#state(i), expectedState(state));
    compare.check(
      'last_values',
      this.#schedulers.map((scheduler) => scheduler.lastValues()),
      last_values,
    );
    for (const [i, expected] of param_groups_after.entries())
      compare.check(`param_groups_after[${i}]`, this.#group(i, expected), scheduledFields(expected));
  }

  dispose(): void {
    for (const thing of this.#alive) thing.dispose();
  }

  async #runEach(driver: Case['driver'] & { readonly kind: 'each' }, compare: Comparison): Promise<void> {
    const { steps, resume_at, metrics } = driver;
    this.#record();
    for (let k = 0; k < steps; k++) {
      if (k === resume_at) await this.#resume(compare);
      for (const scheduler of this.#schedulers) scheduler.step();
      this.#follow(metrics?.[k]);
      this.#record();
    }
  }

  #runLoop({ epochs, iters_per_epoch, metrics }: Case['driver'] & { readonly kind: 'runner' }): void {
    const stepAll = (byEpoch: boolean) => {
      for (const scheduler of this.#schedulers) if (scheduler.byEpoch === byEpoch) scheduler.step();
    };
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let i = 0; i < iters_per_epoch; i++) {
        this.#record();
        stepAll(false);
      }
      stepAll(true);
      this.#follow(metrics?.[epoch]);
    }
    this.#record();
  }

  /** What the validation tells those that follow it. */
  #follow(metric: number | undefined): void {
    if (metric === undefined) return;
    for (const scheduler of this.#schedulers)
      if (scheduler.needsMetrics) scheduler.step({ [scheduler.monitor as string]: metric });
  }

  async #resume(compare: Comparison): Promise<void> {
    const { schedulers, resume_schedulers, resume_scheduler_states } = this.#golden;
    for (const [i, state] of (resume_scheduler_states ?? []).entries())
      compare.check(`resume_scheduler_states[${i}]`, this.#state(i), expectedState(state));
    const states = resume_scheduler_states ?? this.#schedulers.map((scheduler) => scheduler.stateDict());
    const saved = await this.#target.stateDict();
    this.#target = this.#makeTarget();
    this.#build(resume_schedulers ?? schedulers);
    this.#target.loadStateDict(saved as Awaited<ReturnType<OptimWrapper['stateDict']>>);
    for (const [i, scheduler] of this.#schedulers.entries()) scheduler.loadStateDict(states[i] as JsonObject);
  }

  #makeTarget(): Optimizer | OptimWrapper | BareGroups {
    const { type, args, groups, wrapper } = this.#golden.optimizer;
    if (!registry.has('optimizer', type)) return new BareGroups(this.#golden.param_groups_before.map(camelKeys));
    const params = groups.map((fields, i) => ({ ...camelKeys(fields), params: [this.#parameter(`p${i}`)] }));
    const optimizer = registry.build('optimizer', { type, ...args }, { args: { params } });
    const target = wrapper === true ? new OptimWrapper({ optimizer }) : optimizer;
    this.#alive.push(target);
    return target;
  }

  #parameter(name: string): ParameterLike {
    const value = tf.tidy(() => tf.variable(tf.zeros([1])));
    this.#alive.push(value);
    return { name, shape: [1], value, trainable: true, torchLayout: 'same' };
  }

  #record(): void {
    for (const field of this.#golden.record) {
      const values = this.#target.paramGroups.map((group) => (field === 'momentum' ? momentumOf(group) : group[field]));
      const records = this.#records[field] ?? [];
      this.#records[field] = records;
      records.push(values.map((value) => (Array.isArray(value) ? [...value] : value)));
    }
  }

  /** Our state, with Adam's first beta under the name that the reference gives it. */
  #state(index: number): Fields {
    const state = this.#schedulers[index]?.stateDict() ?? {};
    return {
      ...state,
      ...(Array.isArray(state['milestones']) && { milestones: ascending(state['milestones'] as number[]) }),
      ...(state['paramName'] === 'betas[0]' && { paramName: 'momentum' }),
    };
  }

  #group(index: number, expected: Fields): Fields {
    const group: Fields = this.#target.paramGroups[index] ?? {};
    const known: Fields = {
      ...group,
      momentum: momentumOf(group),
      initialMomentum: group['initialMomentum'] ?? group['initialBetas[0]'],
    };
    return Object.fromEntries(Object.keys(scheduledFields(expected)).map((field) => [field, known[field]]));
  }
}

function momentumOf(group: Fields): unknown {
  return group['momentum'] ?? (group['betas'] as readonly number[] | undefined)?.[0];
}

function scheduledFields(group: Fields): Fields {
  return Object.fromEntries(
    Object.entries(camelKeys(group)).filter(([field]) => /^(lr|momentum|betas|(initial|max|min)[A-Z].*)$/.test(field)),
  );
}

/** Compares nested values; numbers within the tolerance, everything else exactly. */
class Comparison {
  fault: string | undefined;
  maxError = 0;

  check(path: string, got: unknown, want: unknown): void {
    if (typeof want === 'number' && typeof got === 'number') {
      const error = Math.abs(got - want) / Math.max(Math.abs(want), SMALLEST);
      this.maxError = Math.max(this.maxError, error);
      if (!(error <= TOLERANCE)) this.#report(path, got, want);
      return;
    }
    if (typeof want !== 'object' || want === null || typeof got !== 'object' || got === null) {
      if (got !== want) this.#report(path, got, want);
      return;
    }
    for (const key of new Set([...Object.keys(want), ...Object.keys(got)]))
      this.check(`${path}.${key}`, (got as Fields)[key], (want as Fields)[key]);
  }

  #report(path: string, got: unknown, want: unknown): void {
    this.fault ??= `${path}: expected ${JSON.stringify(want)}, got ${JSON.stringify(got)}`;
  }
}
