import type { Entry } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { betas, nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { addRatio, lerp, lerpWeight, slopeOf } from './slope.js';

const adamaxOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 2e-3),
  /** Decay rates of the running averages. */
  betas: betas(),
  /** Added to the denominator. */
  eps: z._default(nonnegative(), 1e-8),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface AdamaxOptions extends z.input<typeof adamaxOptions> {}
type Fields = z.output<typeof adamaxOptions>;
type Hyper = 'intake' | 'keepLargest' | 'descent' | 'eps' | 'weightDecay';
type Slot = 'expAvg' | 'expInf';

declare module '@engine/registry' {
  interface Optimizers {
    Adamax: typeof Adamax;
  }
}

/**
 * Adamax (Kingma and Ba, 2014), as in PyTorch: `u = max(b2 u, |g| + eps)`, `p = p - lr / (1 - b1^t) m / u`.
 *
 * Options: `lr` 2e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `maximize` false. State: `expAvg`, `expInf`, counter `step`.
 */
export class Adamax extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'Adamax', AdamaxOptions> = defineOptimizer<
    'Adamax',
    typeof adamaxOptions,
    AdamaxOptions
  >({
    name: 'Adamax',
    options: adamaxOptions,
    create: (options, { args }) => new Adamax(args.params, options),
    module: '@engine/optim',
    doc: 'Adamax: Adam with the largest recent gradient instead of the mean square.',
  });

  constructor(params: OptimizerParams, options: AdamaxOptions = {}) {
    super(params, options, { name: 'Adamax', schema: adamaxOptions });
  }

  protected override slotsOf(): readonly Slot[] {
    return ['expAvg', 'expInf'];
  }

  protected override hyperParameters(
    { lr, betas: [beta1, beta2], eps, weightDecay }: Fields,
    step: number,
  ): Record<Hyper, number> {
    return { intake: lerpWeight(1 - beta1), keepLargest: beta2, descent: -lr / (1 - beta1 ** step), eps, weightDecay };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { value, slots, hyper } = input;
    const slope = slopeOf(input, group);
    const expAvg = lerp(slots.expAvg, slope, { intake: 1 - group.betas[0], weight: hyper.intake });
    const expInf = tf.maximum(tf.mul(slots.expInf, hyper.keepLargest), tf.add(tf.abs(slope), hyper.eps));
    return { value: addRatio(value, expAvg, { over: expInf, scale: hyper.descent }), slots: { expAvg, expInf } };
  }
}
