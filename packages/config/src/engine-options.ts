import { EngineError, entryOf, isPlainObject, type Kind } from '@engine/core/plain';
import {
  type CheckOptions,
  checkThing,
  checkThings,
  nearest,
  type Registry,
  respell,
  show,
  toCamelCase,
} from '@engine/registry';
import type { Config } from './config.js';
import { configErrors } from './errors.js';
import { commonKeys, engineKeys, engineSchema } from './structure.js';

/** A config as the Runner takes it. */
export interface EngineOptions {
  /** The engine's own top-level keys, in camelCase; values as in the config. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The user's own top-level variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The path of an option as it is written in the config: `optimWrapper` → `optim_wrapper`. */
  pathOf(option: string): string;
}

/**
 * Sorts a config into the engine's options and the user's own variables. Any other top-level key is a variable, unless it is nearly one of
 * the engine's; a leading underscore says that it is meant.
 *
 * @throws `ENGINE_CONFIG_UNKNOWN_KEY` for a misspelt key, `ENGINE_REGISTRY_BOTH_SPELLINGS` for one given twice
 */
export function engineOptions(config: Config): EngineOptions {
  const { value, written } = respell(engineSchema, config.data, '');
  const entries = Object.entries(value as Record<string, unknown>);
  const options = entries.filter(([key]) => engineKeys.includes(key));
  const variables = entries.filter(([key]) => !engineKeys.includes(key));
  const [misspelt] = misspeltKeys(config);
  if (misspelt !== undefined) throw misspelt;
  return {
    options: Object.fromEntries(options),
    variables: Object.fromEntries(variables),
    pathOf: (option) => written.get(option) ?? option,
  };
}

/** An error for every top-level key that is nearly one of the engine's. */
function misspeltKeys(config: Config): EngineError[] {
  return Object.entries(config.data).flatMap(([key, value]) => {
    const isOwn = key.startsWith('_') || engineKeys.includes(toCamelCase(key));
    const meant = isOwn ? undefined : nearest(key, engineKeys, { maxDistance: key.length < 7 ? 1 : 2 });
    if (meant === undefined) return [];
    return configErrors.UNKNOWN_KEY({
      subject: key,
      expected: `one of the keys of a config: ${engineKeys.join(', ')}; or a variable of your own`,
      received: `${key} = ${show(value)}`,
      action: `rename it to ${meant}, or to _${key} if it is a variable of your own`,
      at: config.locate(key),
    });
  });
}

/**
 * Everything that would stop the things of a config from being built, found without building any: misspelt keys at the top, names that
 * nothing is registered under, options that a thing does not have, lacks or does not take, at any depth.
 */
export function configProblems(config: Config, registry: Registry): EngineError[] {
  const misspelt = misspeltKeys(config);
  try {
    const { value, written } = respell(engineSchema, config.data, '');
    const { defaultScope, ...options } = value as Record<string, unknown>;
    const own = Object.entries(options).filter(([key, item]) => engineKeys.includes(key) && item !== null);
    const places = {
      locate: config.locate,
      scope: typeof defaultScope === 'string' ? defaultScope : undefined,
    };
    const problems = checkThings(registry, engineSchema, Object.fromEntries(own), {
      ...places,
      written,
      commonKeys: Object.fromEntries(Object.entries(commonKeys).map(([kind, keys]) => [kind, Object.keys(keys ?? {})])),
    });
    const path = written.get('optimWrapper') ?? 'optimWrapper';
    return [...misspelt, ...problems, ...paramwiseProblems(registry, options.optimWrapper, { ...places, path })];
  } catch (error) {
    if (error instanceof EngineError) return [...misspelt, error];
    throw error;
  }
}

/** As {@link configProblems}, of `paramwiseCfg`, whose options are those of the `constructor` beside it. */
function paramwiseProblems(
  registry: Registry,
  optimWrapper: unknown,
  { path, ...places }: CheckOptions & { readonly path: string },
): EngineError[] {
  if (!isPlainObject(optimWrapper)) return [];
  const own = new Map(Object.entries(optimWrapper));
  const maker: unknown = own.get('constructor') ?? undefined;
  const key = own.has('paramwise_cfg') ? 'paramwise_cfg' : 'paramwiseCfg';
  const given = own.get(key) ?? undefined;
  if ((maker === undefined && given === undefined) || isBuilt(maker)) return [];
  return checkThing(registry, 'optimWrapperConstructor' as Kind, given ?? {}, {
    ...places,
    path: `${path}.${key}`,
    typePath: `${path}.constructor`,
    defaults: { type: maker ?? 'DefaultOptimWrapperConstructor' },
  });
}

function isBuilt(maker: unknown): boolean {
  return typeof maker === 'object' && maker !== null && entryOf(maker) === undefined;
}
