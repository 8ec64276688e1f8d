import { adamStep } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { betas, nonnegative } from './option-schemas.js';
import { addRatio, decayed, lerp, lerpSquare, lerpWeight } from './slope.js';

/** Options of Adam and its kin; `weightDecay` is theirs to add. */
export const adamShape = {
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-3),
  /** Decay rates of the running averages of the gradient and of its square. */
  betas: betas(),
  /** Added to the root of the second average. */
  eps: z._default(nonnegative(), 1e-8),
  /** Divide by the largest second average so far. */
  amsgrad: z._default(z.boolean(), false),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
};

export type AdamFields = {
  lr: number;
  betas: [number, number];
  eps: number;
  weightDecay: number;
  amsgrad: boolean;
  maximize: boolean;
  decoupledWeightDecay?: boolean;
};
type Hyper = 'intake' | 'keepSquare' | 'intakeSquare' | 'descent' | 'root' | 'eps' | 'weightDecay' | 'shrink';
type Slot = 'expAvg' | 'expAvgSq' | 'maxExpAvgSq';

/**
 * Adam's rule (Kingma and Ba, 2014), rounded where PyTorch rounds: `p - lr/(1-b1^t) m / (sqrt(v)/sqrt(1-b2^t) + eps)`.
 */
export abstract class AdamRule extends BaseOptimizer<AdamFields, Hyper, Slot> {
  /** Whether weights of a group shrink by `lr * weightDecay` by themselves instead of through the gradient. */
  protected abstract decouples(group: AdamFields): boolean;

  protected override slotsOf({ amsgrad }: AdamFields): readonly Slot[] {
    return amsgrad ? ['expAvg', 'expAvgSq', 'maxExpAvgSq'] : ['expAvg', 'expAvgSq'];
  }

  protected override hyperParameters(
    { lr, betas: [beta1, beta2], eps, weightDecay }: AdamFields,
    step: number,
  ): Record<Hyper, number> {
    const root = Math.sqrt(1 - beta2 ** step);
    return {
      intake: lerpWeight(1 - beta1),
      keepSquare: beta2,
      intakeSquare: 1 - beta2,
      descent: -lr / (1 - beta1 ** step),
      root,
      eps,
      weightDecay,
      shrink: 1 - lr * weightDecay,
    };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: AdamFields): UpdateResult<Slot> {
    const { slots, hyper } = input;
    const { slope, start } = decayed(input, { ...group, decoupledWeightDecay: this.decouples(group) });
    if (!group.amsgrad) return fused(input, { slope, start, intake: 1 - group.betas[0] });
    const expAvg = lerp(slots.expAvg, slope, { intake: 1 - group.betas[0], weight: hyper.intake });
    const expAvgSq = lerpSquare(slots.expAvgSq, slope, { keep: hyper.keepSquare, intake: hyper.intakeSquare });
    const maxExpAvgSq = tf.maximum(slots.maxExpAvgSq, expAvgSq);
    const spread = tf.add(tf.div(tf.sqrt(maxExpAvgSq), hyper.root), hyper.eps);
    const moved = addRatio(start, expAvg, { over: spread, scale: hyper.descent });
    return { value: moved, slots: { expAvg, expAvgSq, maxExpAvgSq } };
  }
}

/** The same without amsgrad, in one kernel where the backend has it. */
function fused(
  { slots, hyper, inPlace }: UpdateInput<Hyper, Slot>,
  { slope, start, intake }: { readonly slope: tf.Tensor; readonly start: tf.Tensor; readonly intake: number },
): UpdateResult<Slot> {
  const { weightDecay: _penalty, shrink: _decay, ...rates } = hyper;
  const state = { average: slots.expAvg, averageSquare: slots.expAvgSq };
  const { value, average, averageSquare } = adamStep(
    { start, slope, ...state, ...rates },
    { fromSlope: intake >= 0.5, inPlace },
  );
  return { value, slots: { expAvg: average, expAvgSq: averageSquare } };
}
