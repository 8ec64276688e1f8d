import type { Logger } from '@engine/core';
import { optimErrors } from '../errors.js';
import type { BaseValues } from './base-values.js';
import type { ParameterPlace } from './contract.js';
import { CustomKeys } from './custom-keys.js';
import type { ParamwiseOptions } from './paramwise-options.js';
import { splitName } from './places.js';

/** What a parameter's group has that the optimizer's options do not say. */
export type OwnFields = Readonly<Record<string, unknown>>;

type CustomOptions = NonNullable<ParamwiseOptions['customKeys']>[string];

const OFFSET = /conv_offset|convOffset/;
const DECAYS = ['biasDecayMult', 'normDecayMult', 'dwconvDecayMult'] as const;

/** The rules of `paramwiseCfg`, MMEngine's: what each parameter's group is to have. */
export class ParamwiseRules {
  readonly #options: ParamwiseOptions;
  readonly #base: BaseValues;
  readonly #customKeys: CustomKeys<CustomOptions>;

  /** @throws `ENGINE_OPTIM_NO_BASE_DECAY` for multipliers of a weight decay that the optimizer's config does not give */
  constructor(options: ParamwiseOptions, base: BaseValues) {
    this.#options = options;
    this.#base = base;
    this.#customKeys = new CustomKeys(options.customKeys ?? {});
    this.#checkDecay();
  }

  /** Warns of custom keys that occur in no name. */
  warnOfUnused(places: readonly ParameterPlace[], logger: Logger): void {
    const names = places.map(({ name }) => name);
    this.#customKeys.warnOfUnused(names, logger);
  }

  /** The custom key that applies to a parameter of this name; all other rules are silent then. */
  customKeyOf(name: string): string | undefined {
    return this.#customKeys.match(name)?.key;
  }

  /** @throws `ENGINE_OPTIM_NO_BASE_LR` for multipliers of a learning rate that the optimizer's config does not give */
  fieldsOf(place: ParameterPlace): OwnFields {
    const custom = this.#customKeys.match(place.name);
    return custom === undefined
      ? { ...this.#rateOf(place), ...this.#decayOf(place) }
      : this.#customFields(custom.key, custom.value);
  }

  #customFields(key: string, custom: CustomOptions): OwnFields {
    const { lrMult, decayMult } = custom;
    const given = Object.entries(custom)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([field, value]) => [field === 'weight_decay' ? 'weightDecay' : field, value] as const);
    const { weightDecay } = this.#base;
    return {
      ...(typeof lrMult === 'number' && { lr: this.#times(lrMult, `customKeys.${key}.lrMult`) }),
      ...(weightDecay !== undefined && typeof decayMult === 'number' && { weightDecay: weightDecay * decayMult }),
      ...Object.fromEntries(given),
    };
  }

  #rateOf({ name, module, parent }: ParameterPlace): OwnFields {
    const { biasLrMult, dcnOffsetLrMult } = this.#options;
    const { path, last } = splitName(name);
    const isInDeformConv = parent?.role === 'deformConv';
    if (typeof dcnOffsetLrMult === 'number' && isInDeformConv && OFFSET.test(path))
      return { lr: this.#times(dcnOffsetLrMult, 'dcnOffsetLrMult') };
    if (typeof biasLrMult === 'number' && last === 'bias' && module.role !== 'norm' && !isInDeformConv)
      return { lr: this.#times(biasLrMult, 'biasLrMult') };
    return {};
  }

  #decayOf({ name, parameter, module, parent }: ParameterPlace): OwnFields {
    const { normDecayMult, biasDecayMult, dwconvDecayMult, flatDecayMult } = this.#options;
    const isInDeformConv = parent?.role === 'deformConv';
    const rules: readonly (readonly [applies: boolean, multiplier: number | null | undefined])[] = [
      [module.role === 'norm', normDecayMult],
      [splitName(name).last === 'bias' && !isInDeformConv, biasDecayMult],
      [module.role === 'depthwiseConv', dwconvDecayMult],
      [parameter.shape.length === 1 && !isInDeformConv, flatDecayMult],
    ];
    const multiplier = rules.find(([applies, value]) => applies && typeof value === 'number')?.[1];
    const { weightDecay } = this.#base;
    return weightDecay === undefined || typeof multiplier !== 'number' ? {} : { weightDecay: weightDecay * multiplier };
  }

  #times(multiplier: number, option: string): number {
    if (this.#base.lr !== undefined) return this.#base.lr * multiplier;
    throw optimErrors.NO_BASE_LR({
      subject: `paramwiseCfg.${option}`,
      expected: 'an optimizer config with lr, which this multiplies',
      received: `${option} = ${multiplier}, and no lr`,
      action: 'write the learning rate out: optimizer: { type: ..., lr: 0.1 }',
    });
  }

  #checkDecay(): void {
    if (this.#base.weightDecay !== undefined) return;
    const custom = Object.entries(this.#options.customKeys ?? {}).find(
      ([, { decayMult }]) => typeof decayMult === 'number',
    );
    const option =
      custom === undefined
        ? DECAYS.find((name) => typeof this.#options[name] === 'number')
        : `customKeys.${custom[0]}.decayMult`;
    if (option === undefined) return;
    throw optimErrors.NO_BASE_DECAY({
      subject: `paramwiseCfg.${option}`,
      expected: 'an optimizer config with weightDecay, which this multiplies',
      received: `${option}, and no weightDecay`,
      action: 'write the weight decay out: optimizer: { type: ..., lr: 0.1, weightDecay: 1e-4 }',
    });
  }
}
