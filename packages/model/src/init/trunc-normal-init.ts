import * as z from 'zod/mini';
import { type Initializer, truncNormal } from '../initializers.js';
import { BaseInit, checked, commonInitOptions } from './base-init.js';
import { defineWeightInitializer } from './define.js';

const truncNormalInitOptions = z.strictObject({
  ...commonInitOptions,
  /** Of the normal before it is cut; default 0. */
  mean: z._default(z.number(), 0),
  /** Of the normal before it is cut; default 1. */
  std: z._default(z.number().check(z.positive()), 1),
  /** Lowest value, absolute; default -2. */
  a: z._default(z.number(), -2),
  /** Highest value, absolute; default 2. */
  b: z._default(z.number(), 2),
});
export interface TruncNormalInitOptions extends z.input<typeof truncNormalInitOptions> {}

/** Draws weights from a normal distribution cut at absolute bounds. Biases get a constant. */
export class TruncNormalInit extends BaseInit {
  static readonly entry = defineWeightInitializer<'TruncNormal', typeof truncNormalInitOptions, TruncNormalInitOptions>(
    {
      name: 'TruncNormal',
      options: truncNormalInitOptions,
      create: (options) => new TruncNormalInit(options),
      module: '@engine/model',
      export: 'TruncNormalInit',
      doc: 'Draws weights from a normal distribution cut at absolute bounds.',
    },
  );
  readonly mean: z.output<typeof truncNormalInitOptions>['mean'];
  readonly std: z.output<typeof truncNormalInitOptions>['std'];
  readonly a: z.output<typeof truncNormalInitOptions>['a'];
  readonly b: z.output<typeof truncNormalInitOptions>['b'];

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: TruncNormalInitOptions = {}) {
    const given = checked(truncNormalInitOptions, options, 'TruncNormalInit');
    super(given);
    this.mean = given.mean;
    this.std = given.std;
    this.a = given.a;
    this.b = given.b;
  }

  get info(): string {
    return this.describe({ a: this.a, b: this.b, mean: this.mean, std: this.std });
  }

  protected get weight(): Initializer {
    return truncNormal(this);
  }
}

declare module '@engine/registry' {
  interface WeightInitializers {
    TruncNormal: typeof TruncNormalInit;
  }
}
