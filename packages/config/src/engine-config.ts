/** The types of a config. Runtime knowledge of the same keys is in structure.ts. */
import type { EntryLike, LogLevel } from '@engine/core';
import type { ConfigOf } from '@engine/registry';

/** What each optimizer of an `OptimWrapperDict` is scheduled by. */
export interface SchedulersByName {
  readonly type?: never;
  readonly [optimizer: string]: OneOrMore<ConfigOf<'paramScheduler'>> | undefined;
}

/** Everything a run may be configured with: the options of `Runner`. Things are given as `{ type, ... }` or built. */
export interface EngineConfig {
  backend?: ConfigOf<'backend'>;
  model?: ConfigOf<'model'>;
  dataPreprocessor?: ConfigOf<'dataPreprocessor'>;
  /** Folder of logs and checkpoints; default `work_dir`. */
  workDir?: string;
  /** Storages by the prefix of their URIs, without `://`: further ones (`s3`), or others for `http`, `https`, `file` and `''`. */
  storages?: { readonly [prefix: string]: ConfigOf<'storageBackend'> };
  trainDataloader?: ConfigOf<'dataLoader', 'DataLoader'>;
  valDataloader?: ConfigOf<'dataLoader', 'DataLoader'>;
  testDataloader?: ConfigOf<'dataLoader', 'DataLoader'>;
  trainCfg?: ConfigOf<'loop', 'EpochBasedTrainLoop' | 'IterBasedTrainLoop'>;
  valCfg?: ConfigOf<'loop', 'ValLoop'>;
  testCfg?: ConfigOf<'loop', 'TestLoop'>;
  optimWrapper?: ConfigOf<'optimWrapper', 'OptimWrapper'>;
  /** For several optimizers also by their names. */
  paramScheduler?: OneOrMore<ConfigOf<'paramScheduler'>> | SchedulersByName;
  valEvaluator?: OneOrMore<ConfigOf<'metric'>> | ConfigOf<'evaluator'>;
  testEvaluator?: OneOrMore<ConfigOf<'metric'>> | ConfigOf<'evaluator'>;
  /** False for none; null in a slot leaves that one out. */
  defaultHooks?: DefaultHooksConfig | false;
  customHooks?: readonly ConfigOf<'hook'>[];
  visualizer?: ConfigOf<'visualizer', 'Visualizer'>;
  visBackends?: readonly ConfigOf<'visBackend'>[];
  logProcessor?: ConfigOf<'logProcessor', 'LogProcessor'>;
  logLevel?: LogLevel;
  /** Checkpoint to start from: a path, or a URI as `https://...`, which is kept in the user's cache. */
  loadFrom?: string | null;
  /** True resumes from the last checkpoint of the work dir, a path from that one. */
  resume?: boolean | string;
  /** Resumes although the config has changed in what makes another run of it; what the checkpoint holds goes on all the same. Default false. */
  allowChanges?: boolean;
  randomness?: RandomnessConfig;
  experimentName?: string;
  autoScaleLr?: AutoScaleLrConfig;
  /** Names of modules ('' is the model) that compute batch norms in evaluation mode inside the convolution before them. */
  efficientConvBnEval?: string | readonly string[];
  /** Packages or files whose exported entries are registered before anything is built. */
  customImports?: string | readonly string[] | CustomImportsConfig;
  /** Registry scope in which names are looked up first. */
  defaultScope?: string;
  /** Class of the runner that `Runner.fromConfig` makes: one of yours, or its registered name. Default `Runner`. */
  runnerType?: string | EntryLike;
  /** Compiles the training step where the backend can; elsewhere it runs as it is, after a warning. Default false. */
  compile?: boolean | Readonly<Record<string, unknown>>;
  /** Who has started the processes of a run; default `none`. The engine starts none itself. */
  launcher?: 'none' | 'pytorch' | 'slurm' | 'mpi';
  /** Of MMEngine: settings of PyTorch's processes. Recorded, without effect here. */
  envCfg?: EnvConfig;
}

/** What configs of MMEngine say of the processes. */
export interface EnvConfig {
  cudnnBenchmark?: boolean;
  mpCfg?: Readonly<Record<string, unknown>>;
  distCfg?: Readonly<Record<string, unknown>>;
  resourceLimit?: number;
}

export type OneOrMore<T> = T | ListOf<T>;

/** A list that says it has no `type`: so the compilers know an object with one for no list, and name the option that was meant. */
export type ListOf<T> = readonly T[] & { readonly type?: never };

/** The slots of the hooks that every run has; `type` may be left out. */
export interface DefaultHooksConfig {
  runtimeInfo?: ConfigOf<'hook', 'RuntimeInfoHook'> | null;
  timer?: ConfigOf<'hook', 'IterTimerHook'> | null;
  samplerSeed?: ConfigOf<'hook', 'DistSamplerSeedHook'> | null;
  logger?: ConfigOf<'hook', 'LoggerHook'> | null;
  paramScheduler?: ConfigOf<'hook', 'ParamSchedulerHook'> | null;
  checkpoint?: ConfigOf<'hook', 'CheckpointHook'> | null;
}

export interface RandomnessConfig {
  /** Default: drawn, and printed. */
  seed?: number | null;
  /**
   * `keyed` (default): noise is a function of seed, iteration and layer. `torch`: noise comes from PyTorch's global stream, drawn on the
   * host in PyTorch's order, to compare a run with one of PyTorch.
   */
  generator?: 'keyed' | 'torch';
  /** Dropout and other noise of a step differ from process to process; sample order and initial weights never do. Default false. */
  diffRankSeed?: boolean;
  /** Of MMEngine. Runs are reproducible in either case. */
  deterministic?: boolean;
}

/** The long form of `customImports`. */
export interface CustomImportsConfig {
  imports: string | readonly string[];
  /** A module that cannot be imported is a warning, not an error; default false. */
  allowFailedImports?: boolean;
}

/** Scales the learning rate by the batch size actually used over `baseBatchSize`. */
export interface AutoScaleLrConfig {
  enable?: boolean;
  baseBatchSize: number;
}

type IsBuilt<T> = T extends { readonly type?: infer Type } ? ([Type] extends [undefined] ? true : false) : false;

/** What may be laid over a `T`: any part of it, at any depth; lists and built objects whole. */
export type Patch<T> = T extends
  | readonly unknown[]
  | ((...args: never[]) => unknown)
  | (abstract new (
      ...args: never[]
    ) => unknown)
  ? T
  : T extends object
    ? IsBuilt<T> extends true
      ? T
      : { [P in keyof T]?: P extends 'type' ? T[P] : Patch<T[P]> } & { readonly _delete_?: boolean }
    : T;

/** A config that extends others: every part of {@link EngineConfig} is optional, and `_delete_: true` replaces instead of merging. */
export type EngineConfigPatch = { [P in keyof EngineConfig]?: Patch<EngineConfig[P]> };
