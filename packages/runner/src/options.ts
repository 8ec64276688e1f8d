/** What a runner is given, and the checks that need nothing built (in the order of MMEngine's Runner). */
import type { Config, EngineConfig } from '@engine/config';
import { type EngineError, isPlainObject } from '@engine/core';
import { type Locate, parseOptions, problemsOf } from '@engine/registry';
import * as z from 'zod/mini';
import { runnerErrors } from './errors.js';
import { isByName } from './param-schedulers.js';

/** The options of a {@link Runner}: a config whose things may be built objects. */
export interface RunnerOptions extends EngineConfig {
  readonly backend: NonNullable<EngineConfig['backend']>;
  readonly model: NonNullable<EngineConfig['model']>;
  /** What is recorded as the run's config; default these options, with the names of built objects. */
  readonly cfg?: Config;
}

type Key = keyof EngineConfig & string;

const groups: readonly (readonly Key[])[] = [
  ['trainDataloader', 'trainCfg', 'optimWrapper'],
  ['valDataloader', 'valCfg', 'valEvaluator'],
  ['testDataloader', 'testCfg', 'testEvaluator'],
];

const randomnessOptions = z.strictObject({
  seed: z._default(z.nullable(z.int().check(z.nonnegative(), z.maximum(2 ** 32 - 1))), null),
  generator: z._default(z.enum(['keyed', 'torch']), 'keyed'),
  diffRankSeed: z._default(z.boolean(), false),
  deterministic: z._default(z.boolean(), false),
});

const autoScaleLrOptions = z.strictObject({
  enable: z._default(z.boolean(), false),
  /** Batch size, over all processes, for which the learning rate was chosen. */
  baseBatchSize: z.int().check(z.positive()),
});

const anything = z.record(z.string(), z.unknown());

const envOptions = z.strictObject({
  cudnnBenchmark: z.optional(z.boolean()),
  mpCfg: z.optional(anything),
  distCfg: z.optional(anything),
  resourceLimit: z.optional(z.int()),
});

/** The options that are plain values. */
const plainOptions = z.strictObject({
  workDir: z._default(z.string().check(z.minLength(1)), 'work_dir'),
  logLevel: z._default(z.enum(['DEBUG', 'INFO', 'WARNING', 'ERROR']), 'INFO'),
  experimentName: z.optional(z.nullable(z.string())),
  loadFrom: z.optional(z.nullable(z.string())),
  resume: z._default(z.union([z.boolean(), z.string()]), false),
  allowChanges: z._default(z.boolean(), false),
  randomness: z.prefault(randomnessOptions, {}),
  autoScaleLr: z.optional(z.nullable(autoScaleLrOptions)),
  efficientConvBnEval: z.optional(z.nullable(z.union([z.string(), z.array(z.string())]))),
  compile: z._default(z.union([z.boolean(), anything]), false),
  launcher: z._default(z.enum(['none', 'pytorch', 'slurm', 'mpi']), 'none'),
  envCfg: z.optional(z.nullable(envOptions)),
});
export type PlainOptions = z.output<typeof plainOptions>;

/** Checks the plain options and fills in defaults; the others are checked where they are built. @throws `ENGINE_REGISTRY_*` */
export function parsePlainOptions(options: Readonly<Record<string, unknown>>, where: OptionsPlace): PlainOptions {
  return parseOptions(plainOptions, givenPlain(options, where), { subject: 'Runner', locate: where.locate }).value;
}

/** As {@link parsePlainOptions}: everything that is wrong, without throwing. */
export function plainProblems(options: Readonly<Record<string, unknown>>, where: OptionsPlace): readonly EngineError[] {
  return problemsOf(plainOptions, givenPlain(options, where), { subject: 'Runner', locate: where.locate }).problems;
}

/** How options are spelt in the config, and where they stand. */
export interface OptionsPlace {
  readonly pathOf: (option: string) => string;
  readonly locate: Locate | undefined;
}

function givenPlain(options: Readonly<Record<string, unknown>>, { pathOf }: OptionsPlace): Record<string, unknown> {
  const given = Object.keys(plainOptions.shape).filter((key) => isGiven(options[key]));
  return Object.fromEntries(given.map((key) => [pathOf(key), options[key]]));
}

/** @throws `ENGINE_RUNNER_BAD_LOOP_CONFIG` */
export function checkTrainCfg(config: Readonly<Record<string, unknown>>, { pathOf, locate }: OptionsPlace): void {
  const [hasType, hasByEpoch] = [isGiven(config.type), byEpochOf(config) !== undefined];
  if (hasType !== hasByEpoch) return;
  throw runnerErrors.BAD_LOOP_CONFIG({
    subject: pathOf('trainCfg'),
    expected: 'either byEpoch or the type of a loop',
    received: hasType ? 'both type and byEpoch' : 'neither type nor byEpoch',
    action: 'write { byEpoch: true, maxEpochs: ... } or { byEpoch: false, maxIters: ... }',
    at: locate?.(pathOf('trainCfg')),
  });
}

/** Whether a `trainCfg` without a type asks for the loop that counts in iterations. */
export function countsIterations(config: unknown): boolean {
  return isPlainObject(config) && byEpochOf(config) === false;
}

function byEpochOf(config: Readonly<Record<string, unknown>>): unknown {
  return config.byEpoch ?? config.by_epoch;
}

/** @throws `ENGINE_RUNNER_INCOMPLETE`, `_SCHEDULER_WITHOUT_OPTIMIZER`, `_BAD_SCHEDULER`, `_NOTHING_TO_RUN` */
export function checkOptions(options: Readonly<Record<string, unknown>>): void {
  for (const required of ['backend', 'model'] as const) {
    if (isGiven(options[required])) continue;
    throw runnerErrors.INCOMPLETE({
      subject: required,
      expected: `a ${required}, built or as { type: ... }`,
      received: `no ${required}`,
      action:
        required === 'backend'
          ? "give one, e.g. backend: wasm() of @engine/backend-wasm, or { type: 'wasm' }"
          : 'give the model to run',
    });
  }
  const [train, ...others] = groups;
  if (train !== undefined) checkGroup(options, train);
  if (isGiven(options.paramScheduler)) checkScheduler(options);
  for (const group of others) checkGroup(options, group);
}

/** An empty `valCfg` or `testCfg` counts as given. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function checkGroup(options: Readonly<Record<string, unknown>>, group: readonly Key[]): void {
  const given = group.filter((key) => isGiven(options[key]));
  if (given.length === 0 || given.length === group.length) return;
  const missing = group.filter((key) => !given.includes(key));
  throw runnerErrors.INCOMPLETE({
    subject: missing[0],
    expected: `either all of ${group.join(', ')} or none of them`,
    received: `${given.join(' and ')} without ${missing.join(' and ')}`,
    action: `give ${missing.join(' and ')} too, or take out ${given.join(' and ')}`,
  });
}

function checkScheduler({ paramScheduler, optimWrapper }: Readonly<Record<string, unknown>>): void {
  if (!isGiven(optimWrapper)) {
    throw runnerErrors.SCHEDULER_WITHOUT_OPTIMIZER({
      subject: 'paramScheduler',
      expected: 'an optimWrapper whose values it schedules',
      received: 'paramScheduler without optimWrapper',
      action: 'give optimWrapper, or take out paramScheduler',
    });
  }
  if (!isByName(paramScheduler)) return checkSchedules(paramScheduler, 'paramScheduler');
  for (const [name, own] of Object.entries(paramScheduler)) checkSchedules(own, `paramScheduler.${name}`);
}

function checkSchedules(given: unknown, path: string): void {
  for (const [index, item] of [given].flat().entries()) {
    const isScheduler =
      typeof item === 'object' &&
      item !== null &&
      ('type' in item || ('step' in item && typeof item.step === 'function'));
    if (isScheduler) continue;
    throw runnerErrors.BAD_SCHEDULER({
      subject: Array.isArray(given) ? `${path}.${index}` : path,
      expected: 'a scheduler, { type: ..., ... }, a list of these, or one of these by the name of an optimizer',
      received:
        item === null
          ? 'null'
          : typeof item === 'object'
            ? `an object with ${Object.keys(item).join(', ') || 'nothing'}`
            : String(item),
      action: 'add type: the name of a scheduler, e.g. CosineAnnealingLR',
    });
  }
}
