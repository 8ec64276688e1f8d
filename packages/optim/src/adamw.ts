import type { Entry } from '@engine/core';
import * as z from 'zod/mini';
import { AdamRule, adamShape } from './adam-rule.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';

const adamWOptions = z.strictObject({
  ...adamShape,
  /** Weights shrink by `lr * weightDecay` at each update. */
  weightDecay: z._default(nonnegative(), 1e-2),
});

export interface AdamWOptions extends z.input<typeof adamWOptions> {}

declare module '@engine/registry' {
  interface Optimizers {
    AdamW: typeof AdamW;
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2017), as in PyTorch.
 *
 * Options: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 1e-2, `amsgrad` false, `maximize` false.
 * State: `expAvg`, `expAvgSq`, `maxExpAvgSq` with amsgrad, and the counter `step`.
 */
export class AdamW extends AdamRule {
  static readonly entry: Entry<'optimizer', 'AdamW', AdamWOptions> = defineOptimizer<
    'AdamW',
    typeof adamWOptions,
    AdamWOptions
  >({
    name: 'AdamW',
    options: adamWOptions,
    create: (options, { args }) => new AdamW(args.params, options),
    module: '@engine/optim',
    doc: 'Adam with decoupled weight decay.',
  });

  constructor(params: OptimizerParams, options: AdamWOptions = {}) {
    super(params, options, { name: 'AdamW', schema: adamWOptions });
  }

  protected override decouples(): boolean {
    return true;
  }
}
