import { isPlainObject, type Logger } from '@engine/core';
import { registryErrors } from '@engine/registry';
import type { OptimWrapperLike } from '../contract.js';
import { optimErrors } from '../errors.js';
import type { OptimizableModel, OptimizedParams, OptimWrapperConfig, OptimWrapperConstructor } from './contract.js';
import { DefaultOptimWrapperConstructor } from './default-optim-wrapper-constructor.js';

/** How what a config names is built where the config stands. */
export interface Makers {
  /** Dotted path of the config. */
  readonly path: string;
  readonly logger: Logger;
  wrapper(config: unknown, params: OptimizedParams): OptimWrapperLike;
  constructorOf(type: unknown, options: Paramwise): OptimWrapperConstructor;
}

/** Has the constructor that a config names make the wrapper of a model; a wrapper that is built is returned as it is. */
export function constructWrapper(model: OptimizableModel, config: unknown, makers: Makers): OptimWrapperLike {
  const { path, logger, wrapper: build } = makers;
  if (isWrapper(config)) return config;
  if (!isPlainObject(config)) return build(config, model.namedParameters().values());
  const { type, paramwise, rest } = split(config, path);
  const maker = isConstructor(type)
    ? withoutOptions(type, paramwise, path)
    : makers.constructorOf(type ?? DefaultOptimWrapperConstructor, paramwise);
  return maker.construct(model, rest, { build, logger });
}

/** The options of a constructor, and how their key is spelt. */
export interface Paramwise {
  readonly value: OptimWrapperConfig;
  readonly key: string;
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
  return { type, paramwise: { value, key }, rest: Object.fromEntries(own) };
}

function isWrapper(value: unknown): value is OptimWrapperLike {
  return (
    typeof value === 'object' && value !== null && 'updateParams' in value && typeof value.updateParams === 'function'
  );
}

function isConstructor(value: unknown): value is OptimWrapperConstructor {
  return typeof value === 'object' && value !== null && 'construct' in value && typeof value.construct === 'function';
}

function withoutOptions(
  maker: OptimWrapperConstructor,
  { value, key }: Paramwise,
  path: string,
): OptimWrapperConstructor {
  if (Object.keys(value).length === 0) return maker;
  throw optimErrors.BAD_PARAMWISE_CFG({
    subject: `${path}.${key}`,
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
