import type { Entry, Logger } from '@engine/core';
import { parseOptions } from '@engine/registry';
import type { OptimizerGroupInput, OptimWrapperLike } from '../contract.js';
import { defineOptimWrapperConstructor } from '../define.js';
import { baseValuesOf } from './base-values.js';
import type {
  ConstructContext,
  OptimizableModel,
  OptimWrapperConfig,
  OptimWrapperConstructor,
  ParameterPlace,
} from './contract.js';
import { type ParamwiseOptions, paramwiseOptions } from './paramwise-options.js';
import { type OwnFields, ParamwiseRules } from './paramwise-rules.js';
import { placesIn, trainedPlaces } from './places.js';

declare module '@engine/registry' {
  interface OptimWrapperConstructors {
    DefaultOptimWrapperConstructor: typeof DefaultOptimWrapperConstructor;
  }
}

/**
 * One group for the whole model; with `paramwiseCfg`, one for each parameter that is not frozen, whose learning rate and weight decay
 * follow from its name and its layer. The rules are MMEngine's; an empty `paramwiseCfg` counts as none.
 *
 * The options are those of `paramwiseCfg`. In order, the first that applies to a parameter decides:
 * 1. `customKeys`: the longest key that occurs in the name. Nothing else applies then.
 * 2. Learning rate: `dcnOffsetLrMult`, then `biasLrMult`. Weight decay: `normDecayMult`, `biasDecayMult`, `dwconvDecayMult`, `flatDecayMult`.
 */
export class DefaultOptimWrapperConstructor implements OptimWrapperConstructor {
  static readonly entry: Entry<'optimWrapperConstructor', 'DefaultOptimWrapperConstructor', ParamwiseOptions> =
    defineOptimWrapperConstructor<'DefaultOptimWrapperConstructor', typeof paramwiseOptions, ParamwiseOptions>({
      name: 'DefaultOptimWrapperConstructor',
      options: paramwiseOptions,
      create: (options) => new DefaultOptimWrapperConstructor(options),
      module: '@engine/optim',
      doc: 'Multiplies learning rate and weight decay by the name and the layer of a parameter.',
    });

  readonly #options: ParamwiseOptions;

  /** @throws `ENGINE_REGISTRY_*` for options */
  constructor(options: ParamwiseOptions = {}) {
    this.#options = parseOptions(paramwiseOptions, options, { subject: 'DefaultOptimWrapperConstructor' }).value;
  }

  /** @throws `ENGINE_OPTIM_NO_BASE_LR`, `_NO_BASE_DECAY`, `_BUILT_OPTIMIZER`, and what the optimizer throws: `_DUPLICATE_PARAMETER`, ... */
  construct(
    model: OptimizableModel,
    config: OptimWrapperConfig,
    { build, logger }: ConstructContext,
  ): OptimWrapperLike {
    if (Object.values(this.#options).every((value) => value === undefined))
      return build(config, model.namedParameters().values());
    const rules = new ParamwiseRules(this.#options, baseValuesOf(config));
    const places = placesIn(model);
    rules.warnOfUnused(places, logger);
    const bypassDuplicate = this.#options.bypassDuplicate === true;
    return build(
      config,
      trainedPlaces(places, { bypassDuplicate, logger }).map((place) => groupOf(place, rules.fieldsOf(place), logger)),
    );
  }
}

function groupOf({ name, parameter }: ParameterPlace, fields: OwnFields, logger: Logger): OptimizerGroupInput {
  for (const [field, value] of Object.entries(fields)) logger.info(`paramwise_options -- ${name}:${field}=${value}`);
  return { ...fields, params: [parameter] };
}
