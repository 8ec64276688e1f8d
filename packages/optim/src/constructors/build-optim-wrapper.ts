import { type Backend, type Communicator, type Logger, silentLogger } from '@engine/core';
import type { Locate, Registry } from '@engine/registry';
import type { OptimWrapperLike } from '../contract.js';
import { OptimWrapper } from '../optim-wrapper.js';
import { constructWrapper } from './construct-wrapper.js';
import type { OptimizableModel } from './contract.js';

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
  return constructWrapper(model, config, {
    path,
    logger,
    wrapper: (given, params) =>
      registry.build('optimWrapper', given, {
        ...common,
        path,
        args: { params, model, ...(backend && { backend }) },
        defaults: { type: OptimWrapper },
      }),
    constructorOf: (type, { value, key }) =>
      registry.build('optimWrapperConstructor', value, {
        ...common,
        path: `${path}.${key}`,
        typePath: `${path}.constructor`,
        defaults: { type },
      }),
  });
}
