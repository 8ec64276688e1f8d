import { readFile } from 'node:fs/promises';
import { EngineError, type JsonObject, type ParameterLike } from '@engine/core';
import { Adam, AdamW, type Optimizer, OptimWrapper, SGD } from '@engine/optim';
import type { ParamScheduler, Schedulable } from '@engine/scheduler';
import * as scheduling from '@engine/scheduler';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityArea, ReplayResult } from './harness/area.js';

const TOLERANCE = 1e-9;
/** Below this, errors count as absolute: a schedule that ends at zero. */
const SMALLEST = 1e-12;
const optimizers = { SGD, Adam, AdamW };
type SchedulerClass = new (optimizer: Schedulable, options: object) => ParamScheduler;
const classes = new Map<string, unknown>(Object.entries(scheduling));
const camelNames: Readonly<Record<string, string>> = {
  T_max: 'tMax',
  _global_step: 'globalStep',
  _last_value: 'lastValues',
};

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
    | { readonly kind: 'each'; readonly steps: number; readonly resume_at?: number }
    | { readonly kind: 'runner'; readonly epochs: number; readonly iters_per_epoch: number };
  readonly epoch_length: number | null;
  readonly record: readonly string[];
  readonly raises: { readonly type: string } | null;
  readonly values: Readonly<Record<string, readonly unknown[]>>;
  readonly state_dicts: readonly Fields[];
  readonly last_values: readonly unknown[];
  readonly param_groups_after: readonly Fields[];
}

/** Parameter schedulers: every recorded value, state and final group, and the kind of every refusal. */
export const area: ParityArea = {
  name: 'schedulers',
  tolerance: 'relative 1e-9',
  async *replay(file) {
    const { cases } = JSON.parse(await readFile(file, 'utf8')) as { readonly cases: readonly Case[] };
    for (const golden of cases) yield await replayCase(golden);
  },
};

async function replayCase(golden: Case): Promise<ReplayResult> {
  const missing = missingOf(golden);
  if (missing !== undefined) return { id: golden.id, ok: false, error: `there is no ${missing} yet` };
  const run = new SchedulerRun(golden);
  try {
    if (golden.raises !== null) return refusal(golden, golden.raises.type, () => run.build(golden.schedulers));
    const comparison = new Comparison();
    await run.replay(comparison);
    return {
      id: golden.id,
      ok: comparison.fault === undefined,
      maxError: comparison.maxError,
      ...(comparison.fault !== undefined && { error: comparison.fault }),
    };
  } catch (error) {
    return {
      id: golden.id,
      ok: false,
      error: error instanceof Error ? `${error.name}: ${error.message.split('\n').join(' ')}` : String(error),
    };
  } finally {
    run.dispose();
  }
}

function missingOf({ optimizer, schedulers, resume_schedulers }: Case): string | undefined {
  if (!Object.hasOwn(optimizers, optimizer.type)) return `optimizer ${optimizer.type}`;
  return [...schedulers, ...(resume_schedulers ?? [])].find(({ type }) => !classes.has(type))?.type;
}

/** Python's exception classes and the kinds of our errors that stand for them. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  ValueError: ['value'],
  KeyError: ['key'],
  TypeError: ['type'],
  AssertionError: ['value', 'type'],
};

function refusal({ id }: Case, type: string, action: () => unknown): ReplayResult {
  try {
    action();
  } catch (error) {
    const ok = error instanceof EngineError && (kinds[type]?.includes(error.kind) ?? false);
    return ok ? { id, ok } : { id, ok, error: `expected an error like ${type}, got ${String(error)}` };
  }
  return { id, ok: false, error: `expected an error like ${type}, got none` };
}

/** One case: optimizer, schedulers and what is recorded of them. */
class SchedulerRun {
  readonly #golden: Case;
  readonly #alive: { dispose(): void }[] = [];
  #target: Optimizer | OptimWrapper;
  #schedulers: ParamScheduler[] = [];
  readonly #records: Record<string, unknown[]> = {};

  constructor(golden: Case) {
    this.#golden = golden;
    this.#target = this.#makeTarget();
  }

  build(configs: Case['schedulers']): void {
    this.#schedulers = configs.map(({ type, ...rest }) => {
      const Scheduler = classes.get(type) as SchedulerClass;
      return new Scheduler(this.#target, { epochLength: this.#golden.epoch_length ?? 1, ...camelKeys(rest) });
    });
  }

  async replay(compare: Comparison): Promise<void> {
    const { driver, schedulers, values, state_dicts, last_values, param_groups_after } = this.#golden;
    this.build(schedulers);
    if (driver.kind === 'each') await this.#runEach(driver, compare);
    else this.#runLoop(driver.epochs, driver.iters_per_epoch);
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

  async #runEach(
    { steps, resume_at }: { readonly steps: number; readonly resume_at?: number },
    compare: Comparison,
  ): Promise<void> {
    this.#record();
    for (let k = 0; k < steps; k++) {
      if (k === resume_at) await this.#resume(compare);
      for (const scheduler of this.#schedulers) scheduler.step();
      this.#record();
    }
  }

  #runLoop(epochs: number, iterations: number): void {
    const stepAll = (byEpoch: boolean) => {
      for (const scheduler of this.#schedulers) if (scheduler.byEpoch === byEpoch) scheduler.step();
    };
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let i = 0; i < iterations; i++) {
        this.#record();
        stepAll(false);
      }
      stepAll(true);
    }
    this.#record();
  }

  async #resume(compare: Comparison): Promise<void> {
    const { schedulers, resume_schedulers, resume_scheduler_states } = this.#golden;
    for (const [i, state] of (resume_scheduler_states ?? []).entries())
      compare.check(`resume_scheduler_states[${i}]`, this.#state(i), expectedState(state));
    const states = this.#schedulers.map((scheduler) => scheduler.stateDict());
    const saved = await this.#target.stateDict();
    this.#target = this.#makeTarget();
    this.build(resume_schedulers ?? schedulers);
    this.#target.loadStateDict(saved as Awaited<ReturnType<OptimWrapper['stateDict']>>);
    for (const [i, scheduler] of this.#schedulers.entries()) scheduler.loadStateDict(states[i] as JsonObject);
  }

  #makeTarget(): Optimizer | OptimWrapper {
    const { type, args, groups, wrapper } = this.#golden.optimizer;
    const inputs = groups.map((fields, i) => ({ ...camelKeys(fields), params: [this.#parameter(`p${i}`)] }));
    const optimizer = new optimizers[type as keyof typeof optimizers](inputs, camelKeys(args));
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
    Object.entries(camelKeys(group)).filter(([field]) => /^(lr|momentum|betas|initial.*)$/.test(field)),
  );
}

function expectedState({ verbose: _verbose, use_betas: _useBetas, milestones, ...state }: Fields): Fields {
  if (milestones === undefined) return camelKeys(state);
  const list = Object.entries(milestones as Readonly<Record<string, number>>).flatMap(([step, times]) =>
    Array.from({ length: times }, () => Number(step)),
  );
  return { ...camelKeys(state), milestones: ascending(list) };
}

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

function camelKeys(fields: Fields): Fields {
  const camel = (name: string) =>
    camelNames[name] ?? name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [camel(name), value]));
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
