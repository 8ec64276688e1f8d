import type { Entry } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { betas, nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { decayed, lerp, lerpSquare, lerpWeight } from './slope.js';

const radamOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-3),
  /** Decay rates of the running averages. */
  betas: betas(),
  /** Added to the denominator. */
  eps: z._default(nonnegative(), 1e-8),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  /** Shrink weights by `lr * weightDecay` by themselves instead of through the gradient. */
  decoupledWeightDecay: z._default(z.boolean(), false),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface RAdamOptions extends z.input<typeof radamOptions> {}
type Fields = z.output<typeof radamOptions>;
type Hyper =
  | 'intake'
  | 'keepSquare'
  | 'intakeSquare'
  | 'correction'
  | 'lr'
  | 'root'
  | 'rectified'
  | 'rootShare'
  | 'floor'
  | 'weightDecay'
  | 'shrink';
type Slot = 'expAvg' | 'expAvgSq';

declare module '@engine/registry' {
  interface Optimizers {
    RAdam: typeof RAdam;
  }
}

/**
 * RAdam (Liu et al., 2019), as in PyTorch: momentum alone until the variance of the adaptive rate is tractable, rectified Adam from then on.
 *
 * Options: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `decoupledWeightDecay` false, `maximize` false.
 * State: `expAvg`, `expAvgSq`, counter `step`.
 */
export class RAdam extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'RAdam', RAdamOptions> = defineOptimizer<
    'RAdam',
    typeof radamOptions,
    RAdamOptions
  >({
    name: 'RAdam',
    options: radamOptions,
    create: (options, { args }) => new RAdam(args.params, options),
    module: '@engine/optim',
    doc: 'RAdam: Adam without a warm-up, for it starts where variances can be trusted.',
  });

  constructor(params: OptimizerParams, options: RAdamOptions = {}) {
    super(params, options, { name: 'RAdam', schema: radamOptions });
  }

  protected override slotsOf(): readonly Slot[] {
    return ['expAvg', 'expAvgSq'];
  }

  protected override hyperParameters(group: Fields, step: number): Record<Hyper, number> {
    const { lr, eps, weightDecay } = group;
    const [beta1, beta2] = group.betas;
    const correction = 1 - beta2 ** step;
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * step * beta2 ** step) / correction;
    const adapts = length > 5;
    const rectified = Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
    return {
      intake: lerpWeight(1 - beta1),
      keepSquare: beta2,
      intakeSquare: 1 - beta2,
      correction: 1 - beta1 ** step,
      lr,
      root: adapts ? Math.sqrt(correction) : 1,
      rectified: adapts ? rectified : 1,
      rootShare: adapts ? 1 : 0,
      floor: adapts ? eps : 1,
      weightDecay,
      shrink: 1 - lr * weightDecay,
    };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { slots, hyper } = input;
    const { slope, start } = decayed(input, group);
    const expAvg = lerp(slots.expAvg, slope, { intake: 1 - group.betas[0], weight: hyper.intake });
    const expAvgSq = lerpSquare(slots.expAvgSq, slope, { keep: hyper.keepSquare, intake: hyper.intakeSquare });
    // one expression for both phases, so that the step has the same structure whenever it is traced
    const spread = tf.add(tf.mul(tf.sqrt(expAvgSq), hyper.rootShare), hyper.floor);
    const step = tf.mul(tf.div(expAvg, hyper.correction), hyper.lr);
    const moved = tf.mul(tf.mul(step, tf.div(hyper.root, spread)), hyper.rectified);
    return { value: tf.sub(start, moved), slots: { expAvg, expAvgSq } };
  }
}
