/** Losses of independent yes-or-no decisions. Targets are probabilities, of the input's shape, and get no gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { logSigmoid } from '../layers/activations.js';
import { checkSameShape } from './check-target.js';
import { type LossOptions, reduce, type WeightedLossOptions } from './reduction.js';

/** Logarithms stop here, so that a certain wrong answer costs 100, not infinity. */
const LEAST_LOG = -100;
/** Least `p (1 - p)` that the derivative divides by. */
const LEAST_SPREAD = 1e-12;

/**
 * `-(t log p + (1 - t) log(1 - p))` of probabilities p. Logarithms are cut at -100. `weight` broadcasts and does not change what a
 * mean divides by. Prefer `binaryCrossEntropyWithLogits`, which is exact for any logit.
 * @throws `ENGINE_MODEL_SHAPE_MISMATCH`
 */
export function binaryCrossEntropy(
  input: tf.Tensor,
  target: tf.Tensor,
  { reduction, weight }: WeightedLossOptions = {},
): tf.Tensor {
  checkSameShape('binaryCrossEntropy', input, { target });
  const op = tf.customGrad((p: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    (save as tf.GradSaveFunc)([p as tf.Tensor, target]);
    const [yes, no] = [p as tf.Tensor, tf.sub(1, p as tf.Tensor)].map((x) => tf.maximum(tf.log(x), LEAST_LOG));
    return {
      value: tf.neg(tf.add(tf.mul(target, yes as tf.Tensor), tf.mul(tf.sub(1, target), no as tf.Tensor))),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [at, t] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(dy, tf.div(tf.sub(at, t), tf.maximum(tf.mul(at, tf.sub(1, at)), LEAST_SPREAD)));
      },
    };
  });
  const values = op(input);
  return reduce(weight === undefined ? values : tf.mul(values, weight), reduction);
}

export interface BinaryCrossEntropyWithLogitsOptions extends WeightedLossOptions {
  /** Factor of what a missed positive costs, usually (C): one for each channel. */
  readonly posWeight?: tf.Tensor | undefined;
}

/**
 * Binary cross entropy of `sigmoid(input)`, exact for logits of any size. `weight` and `posWeight` broadcast and do not change what
 * a mean divides by. @throws `ENGINE_MODEL_SHAPE_MISMATCH`
 */
export function binaryCrossEntropyWithLogits(
  input: tf.Tensor,
  target: tf.Tensor,
  { reduction, weight, posWeight }: BinaryCrossEntropyWithLogitsOptions = {},
): tf.Tensor {
  checkSameShape('binaryCrossEntropyWithLogits', input, { target });
  const missed = logSigmoid(input);
  const cost = posWeight === undefined ? missed : tf.mul(tf.add(tf.mul(tf.sub(posWeight, 1), target), 1), missed);
  const values = tf.sub(tf.mul(tf.sub(1, target), input), cost);
  return reduce(weight === undefined ? values : tf.mul(values, weight), reduction);
}

export interface SigmoidFocalOptions extends LossOptions {
  /** Share of the positives; below 0 for no weighting. Default 0.25. */
  readonly alpha?: number | undefined;
  /** How fast easy examples lose their weight; default 2. */
  readonly gamma?: number | undefined;
}

/** Binary cross entropy of logits times `(1 - p_t)^gamma`, where p_t is the probability given to the truth. Lin et al. 2017. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function sigmoidFocalLoss(
  input: tf.Tensor,
  target: tf.Tensor,
  { reduction, alpha = 0.25, gamma = 2 }: SigmoidFocalOptions = {},
): tf.Tensor {
  const entropy = binaryCrossEntropyWithLogits(input, target, { reduction: 'none' });
  const p = tf.sigmoid(input);
  const missed = tf.add(tf.mul(p, tf.sub(1, target)), tf.mul(tf.sub(1, p), target));
  const focal = gamma === 0 ? entropy : tf.mul(entropy, power(missed, gamma));
  if (alpha < 0) return reduce(focal, reduction);
  const share = tf.add(tf.mul(target, 2 * alpha - 1), 1 - alpha);
  return reduce(tf.mul(focal, share), reduction);
}

/** `x^gamma` for x in [0, 1] by way of logarithms, whose derivative stays finite at 0. */
function power(x: tf.Tensor, gamma: number): tf.Tensor {
  return tf.exp(tf.mul(tf.log(tf.maximum(x, 1e-30)), gamma));
}

export interface DiceOptions extends LossOptions {
  /** The input are logits; default true. */
  readonly sigmoid?: boolean | undefined;
  /** Sums values instead of squares, as V-Net's first form; default false. */
  readonly naive?: boolean | undefined;
  /** Keeps empty masks defined; default 1e-3. */
  readonly eps?: number | undefined;
}

/** 1 - twice the overlap over the sizes of both masks, for each sample: (N, ...) → (N) or a scalar. Milletari et al. 2016. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function diceLoss(
  input: tf.Tensor,
  target: tf.Tensor,
  { reduction, sigmoid = true, naive = false, eps = 1e-3 }: DiceOptions = {},
): tf.Tensor {
  checkSameShape('diceLoss', input, { target });
  const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [x.shape[0] ?? 1, -1]);
  const p = flat(sigmoid ? tf.sigmoid(input) : input);
  const t = flat(tf.cast(target, 'float32'));
  const overlap = tf.mul(tf.sum(tf.mul(p, t), 1), 2);
  const size = (x: tf.Tensor): tf.Tensor => tf.sum(naive ? x : tf.square(x), 1);
  const sizes = tf.add(size(p), size(t));
  const dice = naive ? tf.div(tf.add(overlap, eps), tf.add(sizes, eps)) : tf.div(overlap, tf.add(sizes, 2 * eps));
  return reduce(tf.sub(1, dice), reduction);
}
