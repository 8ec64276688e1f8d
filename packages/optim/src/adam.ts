import type { Entry } from '@engine/core';
import * as z from 'zod/mini';
import { type AdamFields, AdamRule, adamShape } from './adam-rule.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';

const adamOptions = z.strictObject({
  ...adamShape,
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  /** Shrink weights by `lr * weightDecay` by themselves instead of through the gradient. */
  decoupledWeightDecay: z._default(z.boolean(), false),
});

export interface AdamOptions extends z.input<typeof adamOptions> {}

declare module '@engine/registry' {
  interface Optimizers {
    Adam: typeof Adam;
  }
}

/**
 * Adam, as in PyTorch. Weight decay goes through the gradient; use `AdamW` for the decoupled one.
 *
 * Options: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `decoupledWeightDecay` false, `amsgrad` false, `maximize` false.
 * State: `expAvg`, `expAvgSq`, `maxExpAvgSq` with amsgrad, and the counter `step`.
 */
export class Adam extends AdamRule {
  static readonly entry: Entry<'optimizer', 'Adam', AdamOptions> = defineOptimizer<
    'Adam',
    typeof adamOptions,
    AdamOptions
  >({
    name: 'Adam',
    options: adamOptions,
    create: (options, { args }) => new Adam(args.params, options),
    module: '@engine/optim',
    doc: 'Adam: steps scaled by running averages of the gradient and of its square.',
  });

  constructor(params: OptimizerParams, options: AdamOptions = {}) {
    super(params, options, { name: 'Adam', schema: adamOptions });
  }

  protected override decouples({ decoupledWeightDecay }: AdamFields): boolean {
    return decoupledWeightDecay === true;
  }
}
