import type { Entry } from '@engine/core';
import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { lerpSquare, slopeOf } from './slope.js';

const adadeltaOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1),
  /** Decay rate of both running averages, 0 to 1. */
  rho: z._default(z.number().check(z.gte(0), z.lte(1)), 0.9),
  /** Added to the denominator. */
  eps: z._default(nonnegative(), 1e-6),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface AdadeltaOptions extends z.input<typeof adadeltaOptions> {}
type Fields = z.output<typeof adadeltaOptions>;
type Hyper = 'descent' | 'rho' | 'intake' | 'eps' | 'weightDecay';
type Slot = 'squareAvg' | 'accDelta';

declare module '@engine/registry' {
  interface Optimizers {
    Adadelta: typeof Adadelta;
  }
}

/**
 * Adadelta (Zeiler, 2012), as in PyTorch: the step is the gradient times the root of mean squared steps over that of mean squared gradients.
 *
 * Options: `lr` 1, `rho` 0.9, `eps` 1e-6, `weightDecay` 0, `maximize` false. State: `squareAvg`, `accDelta`, counter `step`.
 */
export class Adadelta extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'Adadelta', AdadeltaOptions> = defineOptimizer<
    'Adadelta',
    typeof adadeltaOptions,
    AdadeltaOptions
  >({
    name: 'Adadelta',
    options: adadeltaOptions,
    create: (options, { args }) => new Adadelta(args.params, options),
    module: '@engine/optim',
    doc: 'Adadelta: steps in the units of earlier steps, hardly any rate to tune.',
  });

  constructor(params: OptimizerParams, options: AdadeltaOptions = {}) {
    super(params, options, { name: 'Adadelta', schema: adadeltaOptions });
  }

  protected override slotsOf(): readonly Slot[] {
    return ['squareAvg', 'accDelta'];
  }

  protected override hyperParameters({ lr, rho, eps, weightDecay }: Fields): Record<Hyper, number> {
    return { descent: -lr, rho, intake: 1 - rho, eps, weightDecay };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { value, slots, hyper } = input;
    const slope = slopeOf(input, group);
    const rates = { keep: hyper.rho, intake: hyper.intake };
    const squareAvg = lerpSquare(slots.squareAvg, slope, rates);
    const spread = tf.sqrt(tf.add(squareAvg, hyper.eps));
    const delta = tf.mul(tf.div(tf.sqrt(tf.add(slots.accDelta, hyper.eps)), spread), slope);
    const accDelta = lerpSquare(slots.accDelta, delta, rates);
    return { value: multiplyAdd(value, delta, hyper.descent), slots: { squareAvg, accDelta } };
  }
}
