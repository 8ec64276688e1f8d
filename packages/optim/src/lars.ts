import type { Entry } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { checkNesterov, momentumOf } from './momentum.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { slopeOf } from './slope.js';
import { norm, trusted } from './trust-ratio.js';

const larsOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1),
  momentum: z._default(nonnegative(), 0),
  /** Share of the gradient that momentum does not take up; not applied to the first update. */
  dampening: z._default(z.number(), 0),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  nesterov: z._default(z.boolean(), false),
  /** Size of a step relative to its weights. */
  trustCoeff: z._default(nonnegative(), 1e-3),
  /** Added to the denominator. */
  eps: z._default(nonnegative(), 1e-8),
  /** Never step further than without the ratio. */
  trustClip: z._default(z.boolean(), false),
  /** Use the ratio also for groups without weight decay (biases and norms, as a rule). */
  alwaysAdapt: z._default(z.boolean(), false),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface LARSOptions extends z.input<typeof larsOptions> {}
type Fields = z.output<typeof larsOptions>;
type Hyper = 'lr' | 'momentum' | 'intake' | 'weightDecay' | 'trustCoeff' | 'eps' | 'one';
type Slot = 'momentumBuffer';

declare module '@engine/registry' {
  interface Optimizers {
    LARS: typeof LARS;
  }
}

/**
 * LARS (You, Gitman and Ginsburg, 2017), with the options of timm's `Lars`.
 *
 * Options: `lr` 1, `momentum` 0, `dampening` 0, `weightDecay` 0, `nesterov` false, `trustCoeff` 1e-3, `eps` 1e-8, `trustClip` false,
 * `alwaysAdapt` false, `maximize` false. State: `momentumBuffer`.
 */
export class LARS extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'LARS', LARSOptions> = defineOptimizer<
    'LARS',
    typeof larsOptions,
    LARSOptions
  >({
    name: 'LARS',
    options: larsOptions,
    create: (options, { args }) => new LARS(args.params, options),
    module: '@engine/optim',
    doc: 'LARS: SGD whose steps are scaled layer by layer to the size of the weights. For large batches.',
  });

  constructor(params: OptimizerParams, options: LARSOptions = {}) {
    super(params, options, { name: 'LARS', schema: larsOptions, check: checkNesterov('LARS') });
  }

  /** Only the first update differs, and a saved buffer tells that it is over. */
  protected override get countsSteps(): boolean {
    return false;
  }

  protected override slotsOf({ momentum }: Fields): readonly Slot[] {
    return momentum === 0 ? [] : ['momentumBuffer'];
  }

  protected override hyperParameters(group: Fields, step: number): Record<Hyper, number> {
    const { lr, momentum, dampening, weightDecay, trustCoeff, eps } = group;
    return { lr, momentum, intake: step === 1 ? 1 : 1 - dampening, weightDecay, trustCoeff, eps, one: 1 };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { value, slots, hyper } = input;
    const downhill = group.maximize ? tf.neg(input.grad) : input.grad;
    const adapts = group.weightDecay !== 0 || group.alwaysAdapt;
    const ratio = adapts ? ratioOf(value, downhill, { group, hyper }) : undefined;
    const raw = slopeOf(input, group);
    const slope = ratio === undefined ? raw : tf.mul(raw, ratio);
    if (group.momentum === 0) return { value: tf.sub(value, tf.mul(slope, hyper.lr)), slots: {} };
    const { direction, momentumBuffer } = momentumOf(slope, slots.momentumBuffer, { group, hyper });
    return { value: tf.sub(value, tf.mul(direction, hyper.lr)), slots: { momentumBuffer } };
  }
}

type RatioHyper = Readonly<Record<'trustCoeff' | 'weightDecay' | 'eps' | 'lr' | 'one', tf.Tensor>>;

function ratioOf(
  weights: tf.Tensor,
  slope: tf.Tensor,
  { group, hyper }: { readonly group: Fields; readonly hyper: RatioHyper },
): tf.Tensor {
  const norms = [norm(weights), norm(slope)] as const;
  const total = tf.add(tf.add(norms[1], tf.mul(norms[0], hyper.weightDecay)), hyper.eps);
  const ratio = trusted(tf.div(tf.mul(norms[0], hyper.trustCoeff), total), norms);
  return group.trustClip ? tf.minimum(tf.div(ratio, hyper.lr), hyper.one) : ratio;
}
