/** Makes the parts of a run from its options: anything that is built already is taken as it is. */

import type { EngineConfig } from '@engine/config';
import type { ArgsOf, Backend, Built, Kind, Logger } from '@engine/core';
import { DataLoader, type DataLoaderLike } from '@engine/dataset';
import { Evaluator, type EvaluatorLike } from '@engine/evaluator';
import type { StorageTable } from '@engine/fileio';
import { defaultHookConfigs, defaultHooks, type Hook, HookList } from '@engine/hooks';
import { LogProcessor, type LogProcessorLike } from '@engine/logging';
import type { TrainableModel, WeightInitializer } from '@engine/model';
import { buildOptimWrapper, type OptimWrapperLike } from '@engine/optim';
import { type BuildOptions, type Locate, toCamelCase } from '@engine/registry';
import type { ParamScheduler } from '@engine/scheduler';
import { Visualizer, type VisualizerLike } from '@engine/visualization';
import { runnerErrors } from './errors.js';
import { TestLoop, ValLoop } from './eval-loop.js';
import { IterBasedTrainLoop } from './iter-train-loop.js';
import type { Loop, LoopArgs, TrainLoop } from './loop.js';
import { checkTrainCfg, countsIterations, isGiven } from './options.js';
import { assignSchedules } from './param-schedulers.js';
import type { Runtime } from './runtime.js';
import { EpochBasedTrainLoop } from './train-loop.js';

type Options = Readonly<Record<string, unknown>>;

export interface ComponentsInit {
  /** By the engine's own keys, in camelCase. */
  readonly options: Options;
  /** How an option is spelt in the config. */
  readonly pathOf: (option: string) => string;
  readonly locate: Locate | undefined;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

export class Components {
  readonly #init: ComponentsInit;

  constructor(init: ComponentsInit) {
    this.#init = init;
  }

  /** Those that the config names, by their prefixes. */
  storages(): StorageTable {
    const path = this.#init.pathOf('storages');
    const given = Object.entries((this.#option('storages') ?? {}) as Options);
    return Object.fromEntries(
      given.map(([prefix, config]) => {
        const built = this.#buildFrom('storageBackend', config, { path: `${path}.${prefix}` });
        if (typeof built?.putAtomic !== 'function' || typeof built.get !== 'function')
          throw badComponent(`${path}.${prefix}`, 'a storage with get, putAtomic and the rest', built);
        return [prefix, built];
      }),
    );
  }

  backend(): Backend {
    return this.#build('backend', 'backend');
  }

  /** The model, with the runner's data preprocessor unless it has been given its own. */
  model(): TrainableModel {
    const config = this.#option('model');
    const model = this.#build('model', 'model');
    if (typeof model?.trainStep !== 'function' || typeof model.stateDict !== 'function')
      throw badComponent('model', 'a model with trainStep, valStep and stateDict', model);
    const hasOwn = isPlainConfig(config) && ('dataPreprocessor' in config || 'data_preprocessor' in config);
    if (isGiven(this.#option('dataPreprocessor')) && !hasOwn) {
      if (!('dataPreprocessor' in model))
        throw badComponent('dataPreprocessor', 'a model with a field dataPreprocessor to put it into', model);
      model.dataPreprocessor = this.#build('dataPreprocessor', 'dataPreprocessor');
    }
    return model;
  }

  /** An initialiser that `initCfg` names somewhere in the model. */
  weightInitializer(config: unknown, path: string): WeightInitializer {
    return this.#buildFrom('weightInitializer', config, { path: `${this.#init.pathOf('model')}: ${path}` });
  }

  /** A data loader whose dataset is ready. */
  async dataLoader(
    option: 'trainDataloader' | 'valDataloader' | 'testDataloader',
    seed: number,
  ): Promise<DataLoaderLike> {
    const loader = this.#build('dataLoader', option, { args: { seed }, defaults: { type: DataLoader } });
    if (typeof loader?.batches !== 'function') throw badComponent(option, 'a data loader with batches()', loader);
    await loader.init();
    if (option === 'trainDataloader' && loader.length === 0) throw noBatches(loader);
    return loader;
  }

  evaluator(option: 'valEvaluator' | 'testEvaluator'): EvaluatorLike {
    const given = this.#option(option);
    if (isPlainConfig(given) && 'metrics' in given)
      return this.#build('evaluator', option, { defaults: { type: Evaluator } });
    if (!Array.isArray(given) && isEvaluator(given)) return given;
    const metrics = Array.isArray(given)
      ? given.map((item, index) => this.#buildFrom('metric', item, { path: `${this.#init.pathOf(option)}.${index}` }))
      : [this.#build('metric', option)];
    return new Evaluator(metrics);
  }

  optimWrapper(model: TrainableModel, backend: Backend): OptimWrapperLike {
    const { runtime, logger, locate, options, pathOf } = this.#init;
    const wrapper = buildOptimWrapper(model, this.#option('optimWrapper'), {
      registry: runtime.registry,
      backend,
      path: pathOf('optimWrapper'),
      locate,
      logger,
      scope: scopeIn(options),
      communicator: runtime.communicator,
    });
    if (typeof wrapper?.updateParams !== 'function')
      throw badComponent('optimWrapper', 'an optimizer wrapper with updateParams', wrapper);
    return wrapper;
  }

  /** Of all optimizers, in the order of the wrappers. */
  paramSchedulers(optimizer: OptimWrapperLike, loop: TrainLoop): ParamScheduler[] {
    const given = this.#option('paramScheduler');
    if (!isGiven(given)) return [];
    const length = { epochLength: loop.dataloader.length, maxEpochs: loop.maxEpochs, maxIters: loop.maxIters };
    const schedulers = assignSchedules(given, optimizer, this.#init.pathOf('paramScheduler')).flatMap((assigned) => {
      const [{ path }, args] = [assigned, { optimizer: assigned.wrapper, ...length }];
      if (!Array.isArray(assigned.given)) return [this.#buildFrom('paramScheduler', assigned.given, { args, path })];
      return assigned.given.map((item, i) => this.#buildFrom('paramScheduler', item, { args, path: `${path}.${i}` }));
    });
    return [...new Set(schedulers)]; // one that is built already belongs to one wrapper
  }

  trainLoop(args: LoopArgs): TrainLoop {
    const config = this.#option('trainCfg');
    if (isPlainConfig(config)) checkTrainCfg(config, this.#init);
    const defaults = { type: countsIterations(config) ? IterBasedTrainLoop : EpochBasedTrainLoop };
    const loop = this.#build('loop', 'trainCfg', { args, defaults });
    if (!isTrainLoop(loop)) throw this.#badLoop('trainCfg', 'a loop that trains: with position and restore()', loop);
    return loop;
  }

  evalLoop(option: 'valCfg' | 'testCfg', args: LoopArgs): Loop {
    const loop = this.#build('loop', option, { args, defaults: { type: option === 'valCfg' ? ValLoop : TestLoop } });
    if (typeof loop?.run !== 'function' || isTrainLoop(loop))
      throw this.#badLoop(option, 'a loop that evaluates', loop);
    return loop;
  }

  hooks(): HookList {
    const list = new HookList();
    const priorities = new Map<Hook, string | number | undefined>();
    const build = (config: unknown, at: { path: string; defaults?: Options }): Hook => {
      const { priority, ...rest } = isPlainConfig(config) ? config : { priority: undefined };
      const hook = this.#buildFrom('hook', isPlainConfig(config) ? rest : config, at);
      priorities.set(hook, (priority as string | number | undefined) ?? hook.priority);
      return hook;
    };
    const given = this.#option('defaultHooks');
    const standard = given === false ? [] : defaultHooks(this.#defaultHookOverrides(given, build));
    const custom = ((this.#option('customHooks') ?? []) as readonly unknown[]).map((config, index) =>
      build(config, { path: `${this.#init.pathOf('customHooks')}.${index}` }),
    );
    for (const hook of [...standard, ...custom]) list.register(hook, priorities.get(hook) ?? hook.priority);
    return list;
  }

  logProcessor(): LogProcessorLike {
    if (!isGiven(this.#option('logProcessor'))) return new LogProcessor();
    return this.#build('logProcessor', 'logProcessor', { defaults: { type: LogProcessor } });
  }

  visualizer(where: { readonly saveDir: string; readonly experimentName: string }): VisualizerLike {
    const visBackends = this.#option('visBackends');
    const defaults = { type: Visualizer, ...(isGiven(visBackends) && { visBackends }) };
    const given = this.#option('visualizer') ?? {};
    return this.#buildFrom('visualizer', given, {
      args: { ...where, storage: this.#init.runtime.storage },
      defaults,
      path: this.#init.pathOf('visualizer'),
    });
  }

  #defaultHookOverrides(
    given: unknown,
    build: (config: unknown, at: { path: string; defaults?: Options }) => Hook,
  ): Record<string, Hook | null> {
    const path = this.#init.pathOf('defaultHooks');
    const overrides: Record<string, Hook | null> = {};
    for (const [written, config] of Object.entries((given ?? {}) as Options)) {
      const key = toCamelCase(written);
      if (config === undefined) continue;
      const isDefault = Object.hasOwn(defaultHookConfigs, key);
      // Options without a type change the default hook; with a type they are those of that hook alone.
      const changes = isDefault && isPlainConfig(config) && !('type' in config);
      const defaults = changes ? { defaults: defaultHookConfigs[key as keyof typeof defaultHookConfigs] } : {};
      overrides[isDefault ? key : written] =
        config === null ? null : build(config, { path: `${path}.${written}`, ...defaults });
    }
    return overrides;
  }

  #badLoop(option: keyof EngineConfig & string, expected: string, received: unknown): Error {
    return runnerErrors.BAD_LOOP_CONFIG({
      subject: this.#init.pathOf(option),
      expected,
      received: nameOf(received),
      action: 'name another loop',
      at: this.#init.locate?.(this.#init.pathOf(option)),
    });
  }

  #option(name: keyof EngineConfig): unknown {
    return this.#init.options[name];
  }

  #build<K extends Kind>(
    kind: K,
    option: keyof EngineConfig & string,
    rest: { args?: ArgsOf<K>; defaults?: Options } = {},
  ): Built<K> {
    return this.#buildFrom(kind, this.#option(option), { ...rest, path: this.#init.pathOf(option) });
  }

  #buildFrom<K extends Kind>(
    kind: K,
    config: unknown,
    rest: { path: string; args?: ArgsOf<K>; defaults?: Options },
  ): Built<K> {
    const { runtime, logger, locate, options } = this.#init;
    const scope = scopeIn(options);
    const build = runtime.registry.build.bind(runtime.registry) as (
      kind: K,
      config: unknown,
      options: BuildOptions<K>,
    ) => Built<K>;
    return build(kind, config, {
      ...rest,
      locate,
      logger,
      scope,
      communicator: runtime.communicator,
    } as unknown as BuildOptions<K>);
  }
}

function scopeIn({ defaultScope }: Options): string | undefined {
  return typeof defaultScope === 'string' ? defaultScope : undefined;
}

/** A config, as opposed to an object of the kind that happens to be a literal. */
function isPlainConfig(value: unknown): value is Options {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return 'type' in value || !Object.values(value).some((item) => typeof item === 'function');
}

function isEvaluator(value: unknown): value is EvaluatorLike {
  return (
    typeof value === 'object' && value !== null && 'evaluate' in value && 'process' in value && !('prefix' in value)
  );
}

function isTrainLoop(loop: Loop | undefined): loop is TrainLoop {
  return loop !== undefined && 'restore' in loop && typeof loop.restore === 'function' && 'position' in loop;
}

function badComponent(option: string, expected: string, received: unknown): Error {
  return runnerErrors.BAD_COMPONENT({
    subject: option,
    expected,
    received: nameOf(received),
    action: `give another ${option}`,
  });
}

function noBatches({ dataset, batchSize }: DataLoaderLike): Error {
  return runnerErrors.NO_BATCHES({
    subject: 'trainDataloader',
    expected: 'at least one batch a pass over the data',
    received: `no batch: ${dataset.length} samples in batches of ${batchSize}`,
    action: 'lower batchSize, or set dropLast: false',
  });
}

function nameOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return `a ${value.constructor?.name ?? 'bare'} object with ${Object.keys(value).slice(0, 8).join(', ') || 'no fields'}`;
}
