import { type Backend, type Communicator, isPlainObject, type Logger, silentLogger } from '@engine/core';
import { type Locate, type Registry, registryErrors } from '@engine/registry';
import type { OptimWrapperLike } from '../contract.js';
import { optimErrors } from '../errors.js';
import { OptimWrapper } from '../optim-wrapper.js';
import type { OptimizableModel, OptimizedParams, OptimWrapperConfig, OptimWrapperConstructor } from './contract.js';
import { DefaultOptimWrapperConstructor } from './default-optim-wrapper-constructor.js';

/** Where names are looked up and where the config stands. */
export interface BuildOptimWrapperOptions {
  readonly registry: Registry;
  /** Dotted path of the config, for messages and locations; default `optimWrapper`. */
  readonly path?: string;
  readonly locate?: Locate | undefined;
  readonly scope?: string | undefined;
  /** Default: drops everything. */
  readonly logger?: Logger;
  readonly communicator?: Communicator;
  /** Where the model runs, initialised. */
  readonly backend?: Backend;
}

/**
 * What `optimWrapper` of a config says, for a model. `constructor` names who makes the groups (a name, a class, an entry or a built
 * constructor; default `DefaultOptimWrapperConstructor`), `paramwiseCfg` has its options. A wrapper that is built is returned as it is.
 *
 * @throws `ENGINE_OPTIM_BAD_PARAMWISE_CFG`, `ENGINE_REGISTRY_*`, and what constructor, wrapper and optimizer throw
 */
export function buildOptimWrapper(
  model: OptimizableModel,
  config: unknown,
  options: BuildOptimWrapperOptions,
): OptimWrapperLike {
  const { registry, path = 'optimWrapper', locate, scope, logger = silentLogger, communicator, backend } = options;
  const common = { locate, scope, logger, ...(communicator && { communicator }) };
  const build = (given: unknown, params: OptimizedParams): OptimWrapperLike =>
    registry.build('optimWrapper', given, { ...common, path, args: { params, ...(backend && { backend }) }, defaults: { type: OptimWrapper } });
  if (isWrapper(config)) return config;
  if (!isPlainObject(config)) return build(config, model.namedParameters().values());
  const { type, paramwise, rest } = split(config, path);
  const maker = isConstructor(type)
    ? withoutOptions(type, paramwise)
    : registry.build('optimWrapperConstructor', paramwise.value, {
        ...common,
        path: paramwise.path,
        typePath: `${path}.constructor`,
        defaults: { type: type ?? DefaultOptimWrapperConstructor },
      });
  return maker.construct(model, rest, { build, logger });
}

interface Paramwise {
  readonly value: OptimWrapperConfig;
  readonly path: string;
}

interface Parts {
  readonly type: unknown;
  readonly paramwise: Paramwise;
  readonly rest: OptimWrapperConfig;
}

/** Every object has a `constructor`: only one of the config's own counts. */
function split(config: Readonly<Record<string, unknown>>, path: string): Parts {
  const own = new Map(Object.entries(config));
  const spellings = ['paramwiseCfg', 'paramwise_cfg'].filter((key) => own.has(key));
  const [key = 'paramwiseCfg', other] = spellings;
  if (other !== undefined) {
    throw registryErrors.BOTH_SPELLINGS({
      subject: `${path}.${other}`,
      expected: `${key} or ${other}, not both`,
      received: `both ${key} and ${other}`,
      action: `remove ${other}`,
    });
  }
  const value = own.get(key) ?? {};
  const at = `${path}.${key}`;
  if (!isPlainObject(value) || Object.hasOwn(value, 'type')) throw badParamwise(at, value);
  const type = own.get('constructor') ?? undefined;
  for (const taken of ['constructor', key]) own.delete(taken);
  return { type, paramwise: { value, path: at }, rest: Object.fromEntries(own) };
}

function isWrapper(value: unknown): value is OptimWrapperLike {
  return (
    typeof value === 'object' && value !== null && 'updateParams' in value && typeof value.updateParams === 'function'
  );
}

function isConstructor(value: unknown): value is OptimWrapperConstructor {
  return typeof value === 'object' && value !== null && 'construct' in value && typeof value.construct === 'function';
}

function withoutOptions(maker: OptimWrapperConstructor, { value, path }: Paramwise): OptimWrapperConstructor {
  if (Object.keys(value).length === 0) return maker;
  throw optimErrors.BAD_PARAMWISE_CFG({
    subject: path,
    expected: 'no paramwiseCfg beside a constructor that is built already',
    received: `an object with ${Object.keys(value).join(', ')}`,
    action: 'give these options to the constructor itself, or name it by its class: constructor: MyConstructor',
  });
}

function badParamwise(path: string, value: unknown): Error {
  return optimErrors.BAD_PARAMWISE_CFG({
    subject: path,
    expected: 'an object with the options of the constructor',
    received: isPlainObject(value)
      ? `an object with a type`
      : Array.isArray(value)
        ? `a list of ${value.length}`
        : String(value),
    action: 'write { customKeys: { ... } } or another option here; the constructor is named by `constructor` beside it',
  });
}
