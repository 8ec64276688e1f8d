import * as z from 'zod/mini';
import { type Initializer, normal } from '../initializers.js';
import { BaseInit, checked, commonInitOptions } from './base-init.js';
import { defineWeightInitializer } from './define.js';

const normalInitOptions = z.strictObject({
  ...commonInitOptions,
  /** Default 0. */
  mean: z._default(z.number(), 0),
  /** Default 1. */
  std: z._default(z.number().check(z.nonnegative()), 1),
});
export interface NormalInitOptions extends z.input<typeof normalInitOptions> {}

/** Draws weights from a normal distribution. Biases get a constant. */
export class NormalInit extends BaseInit {
  static readonly entry = defineWeightInitializer<'Normal', typeof normalInitOptions, NormalInitOptions>({
    name: 'Normal',
    options: normalInitOptions,
    create: (options) => new NormalInit(options),
    module: '@engine/model',
    export: 'NormalInit',
    doc: 'Draws weights from a normal distribution.',
  });
  readonly mean: z.output<typeof normalInitOptions>['mean'];
  readonly std: z.output<typeof normalInitOptions>['std'];

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: NormalInitOptions = {}) {
    const given = checked(normalInitOptions, options, 'NormalInit');
    super(given);
    this.mean = given.mean;
    this.std = given.std;
  }

  get info(): string {
    return this.describe({ mean: this.mean, std: this.std });
  }

  protected get weight(): Initializer {
    return normal(this.mean, this.std);
  }
}

declare module '@engine/registry' {
  interface WeightInitializers {
    Normal: typeof NormalInit;
  }
}
