import type { Entry, Logger, ParameterLike } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import type { OptimWrapperLike } from '../contract.js';
import { defineOptimWrapperConstructor } from '../define.js';
import { optimErrors } from '../errors.js';
import { baseValuesOf } from './base-values.js';
import type {
  ConstructContext,
  OptimizableModel,
  OptimWrapperConfig,
  OptimWrapperConstructor,
  ParameterPlace,
} from './contract.js';
import type { LayerPlan } from './layer-plan.js';
import { isToken, planByNames } from './layers-by-name.js';
import { planByPatterns } from './layers-by-pattern.js';
import { paramwiseShape } from './paramwise-options.js';
import { type OwnFields, ParamwiseRules } from './paramwise-rules.js';
import { placesIn, trainedPlaces } from './places.js';

const decayOptions = z.strictObject({
  /** What the learning rate is multiplied by from a layer to the one before it. */
  decayRate: z.number().check(z.positive(), z.lte(1)),
  /** Whether a layer is a block or a stage. */
  decayType: z._default(z.enum(['layer_wise', 'stage_wise']), 'layer_wise'),
  /** How many layers the network is taken to have; default: as many as the names show. */
  numLayers: z.optional(z.nullable(z.int().check(z.positive()))),
  /** How the network names its layers, or regular expressions that find them; default: what the names look like. */
  layers: z.optional(
    z.nullable(z.union([z.enum(['vit', 'convnext', 'resnet']), z.array(z.string()).check(z.minLength(1))])),
  ),
  ...paramwiseShape,
});

/** What `paramwiseCfg` takes for the {@link LearningRateDecayOptimWrapperConstructor}. */
export interface LearningRateDecayOptions extends z.input<typeof decayOptions> {}

type Options = z.output<typeof decayOptions>;

declare module '@engine/registry' {
  interface OptimWrapperConstructors {
    LearningRateDecayOptimWrapperConstructor: typeof LearningRateDecayOptimWrapperConstructor;
  }
}

interface Group extends Record<string, unknown> {
  readonly params: ParameterLike[];
}

/**
 * Layer-wise learning rate decay, for fine-tuning: a layer learns at `lr * decayRate ** (last - id)`, with id 0 for the stem, 1, 2, ... for
 * the layers, and `last` for what comes after them (norms, heads, everything outside of `backbone`), which learns at `lr`. As in BEiT (Bao et
 * al. 2021), ConvNeXt (Liu et al. 2022) and OpenMMLab; one group a layer and kind of weight decay, with `lrScale`, `layerId` and `groupName`.
 *
 * Parameters with one axis, biases, and learnt tokens and positions have no weight decay. The other options of `paramwiseCfg` apply as they
 * do in the `DefaultOptimWrapperConstructor`, and win over that; learning rates that they set are scaled too.
 *
 * Options: `decayRate`; `decayType` `layer_wise`; `numLayers` and `layers`, found in the names by default.
 */
export class LearningRateDecayOptimWrapperConstructor implements OptimWrapperConstructor {
  static readonly entry: Entry<
    'optimWrapperConstructor',
    'LearningRateDecayOptimWrapperConstructor',
    LearningRateDecayOptions
  > = defineOptimWrapperConstructor<
    'LearningRateDecayOptimWrapperConstructor',
    typeof decayOptions,
    LearningRateDecayOptions
  >({
    name: 'LearningRateDecayOptimWrapperConstructor',
    options: decayOptions,
    create: (options) => new LearningRateDecayOptimWrapperConstructor(options),
    module: '@engine/optim',
    doc: 'Lets layers learn the slower the nearer they are to the input.',
  });

  readonly #options: Options;

  /** @throws `ENGINE_REGISTRY_*` for options */
  constructor(options: LearningRateDecayOptions) {
    this.#options = parseOptions(decayOptions, options, { subject: 'LearningRateDecayOptimWrapperConstructor' }).value;
  }

  /** @throws `ENGINE_OPTIM_UNKNOWN_LAYERS`, `_NO_BASE_LR`, `_NO_BASE_DECAY`, `_BUILT_OPTIMIZER`, and what the optimizer throws */
  construct(
    model: OptimizableModel,
    config: OptimWrapperConfig,
    { build, logger }: ConstructContext,
  ): OptimWrapperLike {
    const base = baseValuesOf(config);
    if (base.lr === undefined) throw noBaseRate(this.#options.decayRate);
    const rules = new ParamwiseRules(this.#options, base);
    const all = placesIn(model);
    rules.warnOfUnused(all, logger);
    const places = trainedPlaces(all, { bypassDuplicate: this.#options.bypassDuplicate === true, logger });
    const plan = this.planOf(all.map(({ name }) => name));
    const groups = new Map<string, Group>();
    for (const place of places) {
      const fields = this.#fieldsOf(place, { plan, lr: base.lr, own: rules.fieldsOf(place) });
      const key = JSON.stringify(fields);
      const group = groups.get(key) ?? { ...fields, params: [] };
      groups.set(key, group);
      group.params.push(place.parameter);
    }
    for (const group of groups.values()) tell(group, logger);
    return build(config, [...groups.values()]);
  }

  /** The layers of a model with these parameter names. Overridden for names that no option describes. */
  protected planOf(names: readonly string[]): LayerPlan {
    const { decayType, numLayers, layers } = this.#options;
    if (Array.isArray(layers)) return planByPatterns(names, layers);
    return planByNames(names, { decayType, numLayers: numLayers ?? undefined, naming: layers ?? undefined });
  }

  #fieldsOf(
    { name, parameter }: ParameterPlace,
    { plan, lr, own }: { readonly plan: LayerPlan; readonly lr: number; readonly own: OwnFields },
  ): OwnFields {
    const layerId = plan.idOf(name);
    const lrScale = this.#options.decayRate ** (plan.last - layerId);
    const isFlat = parameter.shape.length === 1 || name.endsWith('.bias') || isToken(name);
    const weightDecay = own.weightDecay ?? (isFlat ? 0 : undefined);
    return {
      ...own,
      lr: lrScale * (typeof own.lr === 'number' ? own.lr : lr),
      ...(weightDecay !== undefined && { weightDecay }),
      lrScale,
      layerId,
      groupName: `layer_${layerId}_${weightDecay === 0 ? 'no_decay' : 'decay'}`,
    };
  }
}

function tell({ groupName, lr, lrScale, params }: Group, logger: Logger): void {
  logger.info(`paramwise_options -- ${groupName}: lr=${lr} (${lrScale} of the full rate), ${params.length} parameters`);
}

function noBaseRate(decayRate: number): Error {
  return optimErrors.NO_BASE_LR({
    subject: 'paramwiseCfg.decayRate',
    expected: 'an optimizer config with lr, which layers have a share of',
    received: `decayRate = ${decayRate}, and no lr`,
    action: 'write the learning rate out: optimizer: { type: ..., lr: 1e-3 }',
  });
}
