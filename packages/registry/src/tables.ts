import './kinds.js';

/**
 * What is registered, for the compiler: one open interface a kind. A package that ships an entry adds its line,
 * `declare module '@engine/registry' { interface Hooks { EMAHook: typeof EMAHook } }`; the value is an entry or a class with `static entry`.
 */

export interface Backends {}
export interface Models {}
export interface AveragedModels {}
export interface DataPreprocessors {}
export interface Losses {}
export interface Optimizers {}
export interface OptimWrappers {}
export interface ParamSchedulers {}
export interface Datasets {}
export interface Transforms {}
export interface DataSamplers {}
export interface DataLoaders {}
export interface Collates {}
export interface Metrics {}
export interface Evaluators {}
export interface Hooks {}
export interface Loops {}
export interface LogProcessors {}
export interface VisBackends {}
export interface Visualizers {}
export interface StorageBackends {}
export interface OptimWrapperConstructors {}
export interface WeightInitializers {}
export interface BatchAugments {}
export interface Runners {}
export interface RunnerConstructors {}
export interface Strategies {}
export interface ModelWrappers {}
export interface TaskUtils {}
export interface Inferencers {}
export interface Functions {}

/** Kind → the interface that lists its entries. */
export interface KindTables {
  backend: Backends;
  model: Models;
  averagedModel: AveragedModels;
  dataPreprocessor: DataPreprocessors;
  loss: Losses;
  optimizer: Optimizers;
  optimWrapper: OptimWrappers;
  paramScheduler: ParamSchedulers;
  dataset: Datasets;
  transform: Transforms;
  dataSampler: DataSamplers;
  dataLoader: DataLoaders;
  collate: Collates;
  metric: Metrics;
  evaluator: Evaluators;
  hook: Hooks;
  loop: Loops;
  logProcessor: LogProcessors;
  visBackend: VisBackends;
  visualizer: Visualizers;
  storageBackend: StorageBackends;
  optimWrapperConstructor: OptimWrapperConstructors;
  weightInitializer: WeightInitializers;
  batchAugment: BatchAugments;
  runner: Runners;
  runnerConstructor: RunnerConstructors;
  strategy: Strategies;
  modelWrapper: ModelWrappers;
  taskUtil: TaskUtils;
  inferencer: Inferencers;
  function: Functions;
}

/** Kind → options that every config of the kind may carry beside the entry's own, e.g. a hook's `priority`. Whoever builds the kind takes them out first. */
export interface CommonOptions {}
