import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

interface SlopeInput {
  readonly value: tf.Tensor;
  readonly grad: tf.Tensor;
  readonly hyper: { readonly weightDecay: tf.Tensor };
}

/** The direction that a rule goes against: the gradient, or its opposite to maximise, with the L2 penalty where there is one. */
export function slopeOf(
  { value, grad, hyper }: SlopeInput,
  { maximize, weightDecay }: { readonly maximize: boolean; readonly weightDecay: number },
): tf.Tensor {
  const downhill = maximize ? tf.neg(grad) : grad;
  return weightDecay === 0 ? downhill : multiplyAdd(downhill, value, hyper.weightDecay);
}

/** What `lerp` multiplies by: PyTorch starts from the nearer of the two ends. */
export function lerpWeight(intake: number): number {
  return intake < 0.5 ? intake : intake - 1;
}

/**
 * `average + (next - average) * intake`: a running average takes in the next value. `intake` decides only where the sum starts, which
 * is a matter of rounding; `weight` is the tensor of `lerpWeight(intake)`.
 */
export function lerp(
  average: tf.Tensor,
  next: tf.Tensor,
  { intake, weight }: { readonly intake: number; readonly weight: tf.Tensor },
): tf.Tensor {
  return multiplyAdd(intake < 0.5 ? average : next, tf.sub(next, average), weight);
}

/** `average * keep + square(next) * intake`: a running average takes in the square of the next value. */
export function lerpSquare(
  average: tf.Tensor,
  next: tf.Tensor,
  { keep, intake }: { readonly keep: tf.Tensor; readonly intake: tf.Tensor },
): tf.Tensor {
  return multiplyAdd(tf.mul(average, keep), tf.mul(next, intake), next);
}

/** Slope and starting point with weight decay, which goes through one or through the other. */
export function decayed(
  input: SlopeInput & { readonly hyper: { readonly shrink: tf.Tensor } },
  group: { readonly maximize: boolean; readonly weightDecay: number; readonly decoupledWeightDecay: boolean },
): { readonly slope: tf.Tensor; readonly start: tf.Tensor } {
  const { value, hyper } = input;
  if (!group.decoupledWeightDecay) return { slope: slopeOf(input, group), start: value };
  const slope = slopeOf(input, { maximize: group.maximize, weightDecay: 0 });
  return { slope, start: group.weightDecay === 0 ? value : tf.mul(value, hyper.shrink) };
}

/** `start + scale * x / over`. */
export function addRatio(
  start: tf.Tensor,
  x: tf.Tensor,
  { over, scale }: { readonly over: tf.Tensor; readonly scale: tf.Tensor },
): tf.Tensor {
  return tf.add(start, tf.div(tf.mul(x, scale), over));
}
