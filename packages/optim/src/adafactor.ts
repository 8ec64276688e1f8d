import type { Entry, ParameterLike } from '@engine/core';
import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { lerpWeight } from './slope.js';
import { lastTorchAxes } from './torch-axes.js';
import { norm } from './trust-ratio.js';

const FLOAT32_EPSILON = 2 ** -23;
const adafactorOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-2),
  /** Power by which the second moment's intake falls: `t^beta2Decay`. */
  beta2Decay: z._default(z.number().check(z.lte(0)), -0.8),
  /** Floor of second moments (its root; null for the precision of float32), and of the root mean square of a weight. */
  eps: z._default(z.tuple([z.nullable(nonnegative()), nonnegative()]), [null, 1e-3]),
  /** Largest root mean square of an update. */
  d: z._default(z.number().check(z.gte(1)), 1),
  /** Weights shrink by `lr * weightDecay`. */
  weightDecay: z._default(nonnegative(), 0),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface AdafactorOptions extends z.input<typeof adafactorOptions> {}
type Fields = z.output<typeof adafactorOptions>;
type Hyper =
  | 'reach'
  | 'intake'
  | 'fromAverage'
  | 'fromNext'
  | 'floor'
  | 'floorSquare'
  | 'smallest'
  | 'limit'
  | 'shrink'
  | 'one';
type Slot = 'rowVar' | 'colVar' | 'variance';

declare module '@engine/registry' {
  interface Optimizers {
    Adafactor: typeof Adafactor;
  }
}

/**
 * Adafactor (Shazeer and Stern, 2018) as PyTorch has it (MMEngine: `TorchAdafactor`). Factors along PyTorch's last two axes, wherever our layout has them.
 *
 * Options: `lr` 1e-2, `beta2Decay` -0.8, `eps` [null, 1e-3], `d` 1, `weightDecay` 0, `maximize` false.
 * State: `rowVar` and `colVar` of weights with two axes and more, `variance` of others, counter `step`.
 */
export class Adafactor extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'Adafactor', AdafactorOptions> = defineOptimizer<
    'Adafactor',
    typeof adafactorOptions,
    AdafactorOptions
  >({
    name: 'Adafactor',
    options: adafactorOptions,
    create: (options, { args }) => new Adafactor(args.params, options),
    module: '@engine/optim',
    doc: 'Adafactor: second moments of matrices kept as rows and columns, steps relative to the size of the weights.',
  });

  constructor(params: OptimizerParams, options: AdafactorOptions = {}) {
    super(params, options, { name: 'Adafactor', schema: adafactorOptions });
  }

  protected override slotsOf(_group: Fields, param: ParameterLike): readonly Slot[] {
    return param.shape.length > 1 ? ['rowVar', 'colVar'] : ['variance'];
  }

  protected override slotShape(slot: Slot, param: ParameterLike): readonly number[] {
    if (slot === 'variance') return param.shape;
    const { last, secondLast } = lastTorchAxes(param);
    return param.shape.map((extent, axis) => (axis === (slot === 'rowVar' ? last : secondLast) ? 1 : extent));
  }

  protected override hyperParameters(
    { lr, beta2Decay, eps, d, weightDecay }: Fields,
    step: number,
  ): Record<Hyper, number> {
    const floor = eps[0] ?? FLOAT32_EPSILON;
    const intake = step ** beta2Decay;
    return {
      reach: -d * Math.min(lr, 1 / Math.sqrt(step)),
      intake: lerpWeight(intake),
      fromAverage: intake < 0.5 ? 1 : 0,
      fromNext: intake < 0.5 ? 0 : 1,
      floor,
      floorSquare: floor * floor,
      smallest: eps[1],
      limit: d,
      shrink: 1 - lr * weightDecay,
      one: 1,
    };
  }

  protected override update(
    { param, value, grad, slots, hyper }: UpdateInput<Hyper, Slot>,
    group: Fields,
  ): UpdateResult<Slot> {
    const slope = group.maximize ? tf.neg(grad) : grad;
    const rootSize = Math.sqrt(value.size);
    const weight = tf.mul(tf.maximum(tf.mul(hyper.smallest, rootSize), norm(value)), hyper.reach);
    const start = group.weightDecay === 0 ? value : tf.mul(value, hyper.shrink);
    const { estimate, next } = secondMoment(param, tf.square(slope), { slots, hyper });
    const update = tf.mul(tf.div(hyper.one, tf.sqrt(tf.maximum(estimate, hyper.floorSquare))), slope);
    // both root mean squares times the root of the size, which cancels out
    const limited = tf.maximum(tf.mul(hyper.limit, rootSize), norm(update));
    return { value: multiplyAdd(start, update, tf.div(weight, limited)), slots: next };
  }
}

/** The estimated second moments, and what is kept of them. */
function secondMoment(
  param: ParameterLike,
  square: tf.Tensor,
  { slots, hyper }: Pick<UpdateInput<Hyper, Slot>, 'slots' | 'hyper'>,
): { readonly estimate: tf.Tensor; readonly next: Partial<Record<Slot, tf.Tensor>> } {
  if (param.shape.length < 2) {
    const variance = takenIn(slots.variance, square, hyper);
    return { estimate: variance, next: { variance } };
  }
  const { last, secondLast } = lastTorchAxes(param);
  const rowVar = takenIn(slots.rowVar, tf.mean(square, last, true), hyper);
  const colVar = takenIn(slots.colVar, tf.mean(square, secondLast, true), hyper);
  const overall = tf.maximum(tf.mean(rowVar, secondLast, true), hyper.floor);
  return { estimate: tf.div(tf.mul(rowVar, colVar), overall), next: { rowVar, colVar } };
}

/** `lerp` whose intake falls from update to update: the end that it starts from is a factor too, so that the step keeps its structure. */
function takenIn(
  average: tf.Tensor,
  next: tf.Tensor,
  hyper: Readonly<Record<'intake' | 'fromAverage' | 'fromNext', tf.Tensor>>,
): tf.Tensor {
  const start = tf.add(tf.mul(average, hyper.fromAverage), tf.mul(next, hyper.fromNext));
  return multiplyAdd(start, tf.sub(next, average), hyper.intake);
}
