import type { Entry } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { betas, nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { addRatio, decayed, lerp, lerpSquare, lerpWeight } from './slope.js';

const nadamOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 2e-3),
  /** Decay rates of the running averages. */
  betas: betas(),
  /** Added to the denominator. */
  eps: z._default(nonnegative(), 1e-8),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  /** How fast the momentum approaches `betas[0]`. */
  momentumDecay: z._default(nonnegative(), 4e-3),
  /** Shrink weights by `lr * weightDecay` by themselves instead of through the gradient. */
  decoupledWeightDecay: z._default(z.boolean(), false),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface NAdamOptions extends z.input<typeof nadamOptions> {}
type Fields = z.output<typeof nadamOptions>;
type Hyper =
  | 'intake'
  | 'keepSquare'
  | 'intakeSquare'
  | 'gradStep'
  | 'averageStep'
  | 'correction'
  | 'eps'
  | 'weightDecay'
  | 'shrink';
type Slot = 'expAvg' | 'expAvgSq';

declare module '@engine/registry' {
  interface Optimizers {
    NAdam: typeof NAdam;
  }
}

/**
 * NAdam (Dozat, 2016), as in PyTorch.
 *
 * Options: `lr` 2e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `momentumDecay` 4e-3, `decoupledWeightDecay` false, `maximize` false.
 * State: `expAvg`, `expAvgSq`, the number `muProduct`, counter `step`.
 */
export class NAdam extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'NAdam', NAdamOptions> = defineOptimizer<
    'NAdam',
    typeof nadamOptions,
    NAdamOptions
  >({
    name: 'NAdam',
    options: nadamOptions,
    create: (options, { args }) => new NAdam(args.params, options),
    module: '@engine/optim',
    doc: 'NAdam: Adam with Nesterov momentum.',
  });

  constructor(params: OptimizerParams, options: NAdamOptions = {}) {
    super(params, options, { name: 'NAdam', schema: nadamOptions });
  }

  protected override slotsOf(): readonly Slot[] {
    return ['expAvg', 'expAvgSq'];
  }

  protected override get numberNames(): readonly string[] {
    return ['muProduct'];
  }

  protected override hyperParameters(
    group: Fields,
    step: number,
    numbers: Record<string, number>,
  ): Record<Hyper, number> {
    const { lr, eps, weightDecay } = group;
    const [beta1, beta2] = group.betas;
    const momentum = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * group.momentumDecay));
    const product = Math.fround((step === 1 ? 1 : (numbers['muProduct'] as number)) * momentum(step));
    numbers['muProduct'] = product;
    return {
      intake: lerpWeight(1 - beta1),
      keepSquare: beta2,
      intakeSquare: 1 - beta2,
      gradStep: (-lr * (1 - momentum(step))) / (1 - product),
      averageStep: (-lr * momentum(step + 1)) / (1 - product * momentum(step + 1)),
      correction: 1 - beta2 ** step,
      eps,
      weightDecay,
      shrink: 1 - lr * weightDecay,
    };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { slots, hyper } = input;
    const { slope, start } = decayed(input, group);
    const expAvg = lerp(slots.expAvg, slope, { intake: 1 - group.betas[0], weight: hyper.intake });
    const expAvgSq = lerpSquare(slots.expAvgSq, slope, { keep: hyper.keepSquare, intake: hyper.intakeSquare });
    const spread = tf.add(tf.sqrt(tf.div(expAvgSq, hyper.correction)), hyper.eps);
    const moved = addRatio(start, slope, { over: spread, scale: hyper.gradStep });
    return {
      value: addRatio(moved, expAvg, { over: spread, scale: hyper.averageStep }),
      slots: { expAvg, expAvgSq },
    };
  }
}
