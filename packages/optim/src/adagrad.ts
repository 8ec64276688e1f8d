import type { Entry } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { addRatio, slopeOf } from './slope.js';

const adagradOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-2),
  /** The rate is divided by `1 + (t - 1) lrDecay` at update t. */
  lrDecay: z._default(nonnegative(), 0),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  /** What the sums of squares start from. */
  initialAccumulatorValue: z._default(nonnegative(), 0),
  /** Added to the denominator. */
  eps: z._default(nonnegative(), 1e-10),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface AdagradOptions extends z.input<typeof adagradOptions> {}
type Fields = z.output<typeof adagradOptions>;
type Hyper = 'descent' | 'eps' | 'weightDecay' | 'start';
type Slot = 'sum';

declare module '@engine/registry' {
  interface Optimizers {
    Adagrad: typeof Adagrad;
  }
}

/**
 * Adagrad (Duchi, Hazan and Singer, 2011), as in PyTorch: `s = s + g^2`, `p = p - lr g / (sqrt(s) + eps)`.
 *
 * Options: `lr` 1e-2, `lrDecay` 0, `weightDecay` 0, `initialAccumulatorValue` 0, `eps` 1e-10, `maximize` false. State: `sum`, counter `step`.
 */
export class Adagrad extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'Adagrad', AdagradOptions> = defineOptimizer<
    'Adagrad',
    typeof adagradOptions,
    AdagradOptions
  >({
    name: 'Adagrad',
    options: adagradOptions,
    create: (options, { args }) => new Adagrad(args.params, options),
    module: '@engine/optim',
    doc: 'Adagrad: steps shrink with the sum of all squared gradients so far.',
  });

  constructor(params: OptimizerParams, options: AdagradOptions = {}) {
    super(params, options, { name: 'Adagrad', schema: adagradOptions });
  }

  protected override slotsOf(): readonly Slot[] {
    return ['sum'];
  }

  protected override hyperParameters(group: Fields, step: number): Record<Hyper, number> {
    return {
      descent: -group.lr / (1 + (step - 1) * group.lrDecay),
      eps: group.eps,
      weightDecay: group.weightDecay,
      start: step === 1 ? group.initialAccumulatorValue : 0,
    };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { value, slots, hyper } = input;
    const slope = slopeOf(input, group);
    const before = group.initialAccumulatorValue === 0 ? slots.sum : tf.add(slots.sum, hyper.start);
    const sum = tf.add(before, tf.square(slope));
    const spread = tf.add(tf.sqrt(sum), hyper.eps);
    return { value: addRatio(value, slope, { over: spread, scale: hyper.descent }), slots: { sum } };
  }
}
