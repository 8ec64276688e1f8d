import type { Entry } from '@engine/core';
import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { addRatio, lerp, lerpSquare, lerpWeight, slopeOf } from './slope.js';

const rmspropOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-2),
  /** Decay rate of the running averages. */
  alpha: z._default(nonnegative(), 0.99),
  /** Added to the denominator. */
  eps: z._default(nonnegative(), 1e-8),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  momentum: z._default(nonnegative(), 0),
  /** Divide by an estimate of the variance instead of the second moment. */
  centered: z._default(z.boolean(), false),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface RMSpropOptions extends z.input<typeof rmspropOptions> {}
type Fields = z.output<typeof rmspropOptions>;
type Hyper = 'descent' | 'alpha' | 'intake' | 'mix' | 'eps' | 'weightDecay' | 'momentum';
type Slot = 'squareAvg' | 'gradAvg' | 'momentumBuffer';

declare module '@engine/registry' {
  interface Optimizers {
    RMSprop: typeof RMSprop;
  }
}

/**
 * RMSprop (Hinton), as in PyTorch: `p = p - lr g / (sqrt(v) + eps)`, with epsilon outside of the root.
 *
 * Options: `lr` 1e-2, `alpha` 0.99, `eps` 1e-8, `weightDecay` 0, `momentum` 0, `centered` false, `maximize` false.
 * State: `squareAvg`, `gradAvg` when centered, `momentumBuffer` with momentum, counter `step`.
 */
export class RMSprop extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'RMSprop', RMSpropOptions> = defineOptimizer<
    'RMSprop',
    typeof rmspropOptions,
    RMSpropOptions
  >({
    name: 'RMSprop',
    options: rmspropOptions,
    create: (options, { args }) => new RMSprop(args.params, options),
    module: '@engine/optim',
    doc: 'RMSprop: steps divided by the root of a running average of squared gradients.',
  });

  constructor(params: OptimizerParams, options: RMSpropOptions = {}) {
    super(params, options, { name: 'RMSprop', schema: rmspropOptions });
  }

  protected override slotsOf({ momentum, centered }: Fields): readonly Slot[] {
    return [
      'squareAvg',
      ...(centered ? ['gradAvg' as const] : []),
      ...(momentum > 0 ? ['momentumBuffer' as const] : []),
    ];
  }

  protected override hyperParameters({ lr, alpha, eps, weightDecay, momentum }: Fields): Record<Hyper, number> {
    return { descent: -lr, alpha, intake: 1 - alpha, mix: lerpWeight(1 - alpha), eps, weightDecay, momentum };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { value, slots, hyper } = input;
    const slope = slopeOf(input, group);
    const squareAvg = lerpSquare(slots.squareAvg, slope, { keep: hyper.alpha, intake: hyper.intake });
    const gradAvg = group.centered
      ? lerp(slots.gradAvg, slope, { intake: 1 - group.alpha, weight: hyper.mix })
      : undefined;
    const variance = gradAvg === undefined ? squareAvg : multiplyAdd(squareAvg, gradAvg, tf.neg(gradAvg));
    const spread = tf.add(tf.sqrt(variance), hyper.eps);
    const kept = { squareAvg, ...(gradAvg && { gradAvg }) };
    if (group.momentum === 0) {
      return { value: addRatio(value, slope, { over: spread, scale: hyper.descent }), slots: kept };
    }
    const momentumBuffer = tf.add(tf.mul(slots.momentumBuffer, hyper.momentum), tf.div(slope, spread));
    return { value: multiplyAdd(value, momentumBuffer, hyper.descent), slots: { ...kept, momentumBuffer } };
  }
}
