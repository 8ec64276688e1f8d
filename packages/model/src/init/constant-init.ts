import * as z from 'zod/mini';
import { constant, type Initializer } from '../initializers.js';
import { BaseInit, checked, commonInitOptions } from './base-init.js';
import { defineWeightInitializer } from './define.js';

const constantInitOptions = z.strictObject({
  ...commonInitOptions,
  /** What weights are filled with. */
  val: z.number(),
});
export interface ConstantInitOptions extends z.input<typeof constantInitOptions> {}

/** Fills weights with one number. Biases get a constant. */
export class ConstantInit extends BaseInit {
  static readonly entry = defineWeightInitializer<'Constant', typeof constantInitOptions, ConstantInitOptions>({
    name: 'Constant',
    options: constantInitOptions,
    create: (options) => new ConstantInit(options),
    module: '@engine/model',
    export: 'ConstantInit',
    doc: 'Fills weights with one number.',
  });
  readonly val: z.output<typeof constantInitOptions>['val'];

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: ConstantInitOptions) {
    const given = checked(constantInitOptions, options, 'ConstantInit');
    super(given);
    this.val = given.val;
  }

  get info(): string {
    return this.describe({ val: this.val });
  }

  protected get weight(): Initializer {
    return constant(this.val);
  }
}

declare module '@engine/registry' {
  interface WeightInitializers {
    Constant: typeof ConstantInit;
  }
}
