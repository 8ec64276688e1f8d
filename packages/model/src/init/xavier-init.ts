import * as z from 'zod/mini';
import { type Initializer, xavierNormal, xavierUniform } from '../initializers.js';
import { BaseInit, checked, commonInitOptions } from './base-init.js';
import { defineWeightInitializer } from './define.js';

const xavierInitOptions = z.strictObject({
  ...commonInitOptions,
  /** Multiplies the deviation; default 1. */
  gain: z._default(z.number(), 1),
  /** Default `normal`. */
  distribution: z._default(z.enum(['normal', 'uniform']), 'normal'),
});
export interface XavierInitOptions extends z.input<typeof xavierInitOptions> {}

/** Draws weights of deviation gain * sqrt(2 / (fanIn + fanOut)). Biases get a constant. */
export class XavierInit extends BaseInit {
  static readonly entry = defineWeightInitializer<'Xavier', typeof xavierInitOptions, XavierInitOptions>({
    name: 'Xavier',
    options: xavierInitOptions,
    create: (options) => new XavierInit(options),
    module: '@engine/model',
    export: 'XavierInit',
    doc: 'Draws weights of deviation gain * sqrt(2 / (fanIn + fanOut)).',
  });
  readonly gain: z.output<typeof xavierInitOptions>['gain'];
  readonly distribution: z.output<typeof xavierInitOptions>['distribution'];

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: XavierInitOptions = {}) {
    const given = checked(xavierInitOptions, options, 'XavierInit');
    super(given);
    this.gain = given.gain;
    this.distribution = given.distribution;
  }

  get info(): string {
    return this.describe({ gain: this.gain, distribution: this.distribution });
  }

  protected get weight(): Initializer {
    return this.distribution === 'normal' ? xavierNormal(this.gain) : xavierUniform(this.gain);
  }
}

declare module '@engine/registry' {
  interface WeightInitializers {
    Xavier: typeof XavierInit;
  }
}
