import * as z from 'zod/mini';
import { type Initializer, kaimingUniform } from '../initializers.js';
import { BaseInit, checked, commonInitOptions } from './base-init.js';
import { defineWeightInitializer } from './define.js';

const caffe2XavierInitOptions = z.strictObject({
  ...commonInitOptions,
});
export interface Caffe2XavierInitOptions extends z.input<typeof caffe2XavierInitOptions> {}

/** Draws weights evenly within sqrt(3 / fanIn), as Caffe2. Biases get a constant. */
export class Caffe2XavierInit extends BaseInit {
  static readonly entry = defineWeightInitializer<
    'Caffe2Xavier',
    typeof caffe2XavierInitOptions,
    Caffe2XavierInitOptions
  >({
    name: 'Caffe2Xavier',
    options: caffe2XavierInitOptions,
    create: (options) => new Caffe2XavierInit(options),
    module: '@engine/model',
    export: 'Caffe2XavierInit',
    doc: 'Draws weights evenly within sqrt(3 / fanIn), as Caffe2.',
  });

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: Caffe2XavierInitOptions = {}) {
    const given = checked(caffe2XavierInitOptions, options, 'Caffe2XavierInit');
    super(given);
  }

  get info(): string {
    return this.describe({ a: 1, mode: 'fan_in', nonlinearity: 'leaky_relu', 'distribution ': 'uniform' });
  }

  protected get weight(): Initializer {
    return kaimingUniform({ a: 1 });
  }
}

declare module '@engine/registry' {
  interface WeightInitializers {
    Caffe2Xavier: typeof Caffe2XavierInit;
  }
}
