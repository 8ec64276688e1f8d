import type { Entry } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { betas, nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { lerpSquare } from './slope.js';
import { norm, trusted } from './trust-ratio.js';

const lambOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-3),
  /** Decay rates of the running averages. */
  betas: betas(),
  /** Added to the denominator. */
  eps: z._default(nonnegative(), 1e-6),
  /** Decay, added to the update before it is scaled. */
  weightDecay: z._default(nonnegative(), 1e-2),
  /** Corrects the averages for their start at zero. */
  biasCorrection: z._default(z.boolean(), true),
  /** The average takes in `1 - betas[0]` of each gradient; without it all. */
  gradAveraging: z._default(z.boolean(), true),
  /** Never step further than without the ratio. */
  trustClip: z._default(z.boolean(), false),
  /** Use the ratio also for groups without weight decay (biases and norms, as a rule). */
  alwaysAdapt: z._default(z.boolean(), false),
  /** Shrink weights by `lr * weightDecay` by themselves instead of through the gradient. */
  decoupledWeightDecay: z._default(z.boolean(), false),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface LAMBOptions extends z.input<typeof lambOptions> {}
type Fields = z.output<typeof lambOptions>;
type Hyper =
  | 'keep'
  | 'intake'
  | 'keepSquare'
  | 'intakeSquare'
  | 'scale'
  | 'eps'
  | 'lr'
  | 'weightDecay'
  | 'shrink'
  | 'one';
type Slot = 'expAvg' | 'expAvgSq';

declare module '@engine/registry' {
  interface Optimizers {
    LAMB: typeof LAMB;
  }
}

/**
 * LAMB (You et al., 2019), with the options of timm's `Lamb`; its clipping of the gradients' norm is the optim wrapper's `clipGrad`.
 *
 * Options: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-6, `weightDecay` 1e-2, `biasCorrection` true, `gradAveraging` true, `trustClip` false,
 * `alwaysAdapt` false, `decoupledWeightDecay` false, `maximize` false. State: `expAvg`, `expAvgSq`, counter `step`.
 */
export class LAMB extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'LAMB', LAMBOptions> = defineOptimizer<
    'LAMB',
    typeof lambOptions,
    LAMBOptions
  >({
    name: 'LAMB',
    options: lambOptions,
    create: (options, { args }) => new LAMB(args.params, options),
    module: '@engine/optim',
    doc: 'LAMB: Adam whose steps are scaled layer by layer to the size of the weights. For large batches.',
  });

  constructor(params: OptimizerParams, options: LAMBOptions = {}) {
    super(params, options, { name: 'LAMB', schema: lambOptions });
  }

  protected override slotsOf(): readonly Slot[] {
    return ['expAvg', 'expAvgSq'];
  }

  protected override hyperParameters(group: Fields, step: number): Record<Hyper, number> {
    const { lr, eps, weightDecay, biasCorrection, gradAveraging } = group;
    const [beta1, beta2] = group.betas;
    const root = biasCorrection ? Math.sqrt(1 - beta2 ** step) : 1;
    return {
      keep: beta1,
      intake: gradAveraging ? 1 - beta1 : 1,
      keepSquare: beta2,
      intakeSquare: 1 - beta2,
      scale: root / (biasCorrection ? 1 - beta1 ** step : 1),
      eps: eps * root,
      lr,
      weightDecay,
      shrink: 1 - lr * weightDecay,
      one: 1,
    };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { value, slots, hyper } = input;
    const slope = group.maximize ? tf.neg(input.grad) : input.grad;
    const decays = group.weightDecay !== 0;
    const start = decays && group.decoupledWeightDecay ? tf.mul(value, hyper.shrink) : value;
    const expAvg = tf.add(tf.mul(slots.expAvg, hyper.keep), tf.mul(slope, hyper.intake));
    const expAvgSq = lerpSquare(slots.expAvgSq, slope, { keep: hyper.keepSquare, intake: hyper.intakeSquare });
    const direction = tf.mul(tf.div(expAvg, tf.add(tf.sqrt(expAvgSq), hyper.eps)), hyper.scale);
    const update =
      decays && !group.decoupledWeightDecay ? tf.add(direction, tf.mul(start, hyper.weightDecay)) : direction;
    const scaled = decays || group.alwaysAdapt ? tf.mul(update, ratioOf(start, update, { group, hyper })) : update;
    return { value: tf.sub(start, tf.mul(scaled, hyper.lr)), slots: { expAvg, expAvgSq } };
  }
}

function ratioOf(
  weights: tf.Tensor,
  update: tf.Tensor,
  { group, hyper }: { readonly group: Fields; readonly hyper: Readonly<Record<'one', tf.Tensor>> },
): tf.Tensor {
  const norms = [norm(weights), norm(update)] as const;
  const ratio = trusted(tf.div(norms[0], norms[1]), norms);
  return group.trustClip ? tf.minimum(ratio, hyper.one) : ratio;
}
