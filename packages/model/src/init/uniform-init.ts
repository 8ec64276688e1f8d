import * as z from 'zod/mini';
import { type Initializer, uniform } from '../initializers.js';
import { BaseInit, checked, commonInitOptions } from './base-init.js';
import { defineWeightInitializer } from './define.js';

const uniformInitOptions = z.strictObject({
  ...commonInitOptions,
  /** Lower bound; default 0. */
  a: z._default(z.number(), 0),
  /** Upper bound; default 1. */
  b: z._default(z.number(), 1),
});
export interface UniformInitOptions extends z.input<typeof uniformInitOptions> {}

/** Draws weights evenly between two bounds. Biases get a constant. */
export class UniformInit extends BaseInit {
  static readonly entry = defineWeightInitializer<'Uniform', typeof uniformInitOptions, UniformInitOptions>({
    name: 'Uniform',
    options: uniformInitOptions,
    create: (options) => new UniformInit(options),
    module: '@engine/model',
    export: 'UniformInit',
    doc: 'Draws weights evenly between two bounds.',
  });
  readonly a: z.output<typeof uniformInitOptions>['a'];
  readonly b: z.output<typeof uniformInitOptions>['b'];

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: UniformInitOptions = {}) {
    const given = checked(uniformInitOptions, options, 'UniformInit');
    super(given);
    this.a = given.a;
    this.b = given.b;
  }

  get info(): string {
    return this.describe({ a: this.a, b: this.b });
  }

  protected get weight(): Initializer {
    return uniform(this.a, this.b);
  }
}

declare module '@engine/registry' {
  interface WeightInitializers {
    Uniform: typeof UniformInit;
  }
}
