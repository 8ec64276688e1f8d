import type { TorchGenerator } from '@engine/core';
import { isPlainObject } from '@engine/core';
import { show } from '@engine/registry';
import { modelErrors } from '../errors.js';
import type { Module } from '../module.js';
import { childrenOf } from '../module-walk.js';
import { builtInInitializer } from './built-in.js';
import type { InitCfg, InitConfig, InitOptions, InitOverride, WeightInitializer } from './contract.js';
import type { InitRecord } from './init-record.js';
import { layerNames } from './layer-names.js';
import { PretrainedInit } from './pretrained-init.js';

/** What goes through a whole initialisation. */
export interface InitRun extends InitOptions {
  readonly generator: TorchGenerator;
  readonly record: InitRecord;
}

/** Where in a module tree something stands, for messages. */
const place = (module: Module): string => (module.path === '' ? 'initCfg' : `${module.path}.initCfg`);

/**
 * Runs `initCfg` of a module and of everything below it, outer before inner, so that the innermost wins; `Pretrained` last at each
 * level, so that it wins over everything below. Draws go on from where the constructors' have ended, children before their parent.
 * @throws `ENGINE_MODEL_BAD_INIT_CFG`, `ENGINE_MODEL_BAD_INITIALIZER`, `ENGINE_MODEL_PRETRAINED`
 */
export function initializeTree(module: Module, run: InitRun, visited = new Set<Module>()): void {
  if (visited.has(module)) return;
  visited.add(module);
  const configs = configsOf(module.initCfg, place(module)).map((config) => ({ config, ...built(config, module, run) }));
  for (const { initializer, override } of configs)
    if (!(initializer instanceof PretrainedInit)) apply(module, { initializer, override, run });
  for (const child of childrenOf(module)) initializeTree(child, run, visited);
  if (module.initParameters !== undefined) {
    module.initParameters(run.generator);
    run.record.note(module, `Initialized by user-defined initParameters in ${module.constructor.name}`);
  }
  for (const { initializer } of configs) {
    if (!(initializer instanceof PretrainedInit)) continue;
    initializer.load(module, run);
    run.record.note(module, initializer.info);
  }
}

/** Paths of the checkpoints that `Pretrained` anywhere in a tree will load, each once. Read them and pass them to `initWeights`. */
export function pretrainedCheckpoints(root: Module, options: InitOptions = {}): string[] {
  const paths = new Set<string>();
  root.visit((module) => {
    for (const config of configsOf(module.initCfg, place(module))) {
      const { initializer } = built(config, module, options);
      if (initializer instanceof PretrainedInit) paths.add(initializer.checkpoint);
    }
  });
  return [...paths];
}

interface Application {
  readonly initializer: WeightInitializer;
  readonly override: readonly InitOverride[];
  readonly run: InitRun;
}

function apply(module: Module, { initializer, override, run }: Application): void {
  childrenFirst(module, (layer) => {
    if (layerNames(layer).some((name) => initializer.layer.includes(name))) initializer.init(layer, run.generator);
  });
  run.record.note(module, initializer.info);
  for (const { name, ...config } of override) {
    const part = partNamed(module, name);
    const own = Object.keys(config).length === 0 ? initializer : overriding(config, { module, run });
    childrenFirst(part, (layer) => own.init(layer, run.generator));
    run.record.note(part, own.info);
  }
}

function overriding(
  config: Readonly<Record<string, unknown>>,
  { module, run }: { readonly module: Module; readonly run: InitRun },
): WeightInitializer {
  if (config['type'] === undefined)
    throw badInitCfg(place(module), 'an override of a name alone, or with a type', `override ${show(config)}`);
  return built(config as never, module, run).initializer;
}

/** As PyTorch's `Module.apply`: what is reached twice is set twice. */
function childrenFirst(module: Module, fn: (module: Module) => void): void {
  for (const child of childrenOf(module)) childrenFirst(child, fn);
  fn(module);
}

function partNamed(module: Module, name: unknown): Module {
  if (typeof name !== 'string')
    throw badInitCfg(place(module), 'an override with the name of a part', `name = ${show(name)}`);
  const found = [...module.parts()].find(([field]) => field === name)?.[1];
  if (typeof found === 'object' && found !== null && 'parts' in found && 'placeIn' in found) return found as Module;
  throw badInitCfg(place(module), `override to name a module among the fields of ${module.constructor.name}`, name);
}

function configsOf(initCfg: InitCfg | undefined, path: string): readonly InitConfig[] {
  if (initCfg === undefined || initCfg === null) return [];
  const configs = (Array.isArray(initCfg) ? initCfg : [initCfg]) as readonly unknown[];
  for (const config of configs)
    if (typeof config !== 'object' || config === null || Array.isArray(config))
      throw badInitCfg(path, 'an initialiser or a list of them', show(config));
  return configs as readonly InitConfig[];
}

function built(
  config: InitConfig,
  module: Module,
  { build = builtInInitializer }: InitOptions,
): { readonly initializer: WeightInitializer; readonly override: readonly InitOverride[] } {
  if (!isPlainObject(config) || typeof (config as { init?: unknown }).init === 'function')
    return { initializer: config as WeightInitializer, override: [] };
  const { override = [], ...rest } = config as Readonly<Record<string, unknown>>;
  const overrides = [override].flat();
  if (!overrides.every(isPlainObject))
    throw badInitCfg(place(module), 'override to be an object with a name, or a list of them', show(override));
  return { initializer: build(rest, place(module)), override: overrides as unknown as InitOverride[] };
}

function badInitCfg(subject: string, expected: string, received: string): Error {
  return modelErrors.BAD_INIT_CFG({
    subject,
    expected,
    received,
    action: "write { type: 'Kaiming', layer: 'Conv2d', override: { name: 'head', type: 'Normal', std: 0.01 } }",
  });
}
