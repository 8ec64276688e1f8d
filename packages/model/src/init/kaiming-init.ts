import * as z from 'zod/mini';
import { type Initializer, kaimingNormal, kaimingUniform, NONLINEARITIES } from '../initializers.js';
import { BaseInit, checked, commonInitOptions } from './base-init.js';
import { defineWeightInitializer } from './define.js';

const kaimingInitOptions = z.strictObject({
  ...commonInitOptions,
  /** Negative slope of the leaky ReLU that follows; default 0. */
  a: z._default(z.number(), 0),
  /** Keeps the variance of gradients (`fan_out`, default) or of activations. */
  mode: z._default(z.enum(['fan_in', 'fan_out']), 'fan_out'),
  /** What follows the layer; default `relu`. */
  nonlinearity: z._default(z.enum(NONLINEARITIES), 'relu'),
  /** Default `normal`. */
  distribution: z._default(z.enum(['normal', 'uniform']), 'normal'),
});
export interface KaimingInitOptions extends z.input<typeof kaimingInitOptions> {}

/** Draws weights of deviation gain / sqrt(fan). Biases get a constant. */
export class KaimingInit extends BaseInit {
  static readonly entry = defineWeightInitializer<'Kaiming', typeof kaimingInitOptions, KaimingInitOptions>({
    name: 'Kaiming',
    options: kaimingInitOptions,
    create: (options) => new KaimingInit(options),
    module: '@engine/model',
    export: 'KaimingInit',
    doc: 'Draws weights of deviation gain / sqrt(fan).',
  });
  readonly a: z.output<typeof kaimingInitOptions>['a'];
  readonly mode: z.output<typeof kaimingInitOptions>['mode'];
  readonly nonlinearity: z.output<typeof kaimingInitOptions>['nonlinearity'];
  readonly distribution: z.output<typeof kaimingInitOptions>['distribution'];

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: KaimingInitOptions = {}) {
    const given = checked(kaimingInitOptions, options, 'KaimingInit');
    super(given);
    this.a = given.a;
    this.mode = given.mode;
    this.nonlinearity = given.nonlinearity;
    this.distribution = given.distribution;
  }

  get info(): string {
    return this.describe({
      a: this.a,
      mode: this.mode,
      nonlinearity: this.nonlinearity,
      'distribution ': this.distribution,
    });
  }

  protected get weight(): Initializer {
    return this.distribution === 'normal' ? kaimingNormal(this) : kaimingUniform(this);
  }
}

declare module '@engine/registry' {
  interface WeightInitializers {
    Kaiming: typeof KaimingInit;
  }
}
