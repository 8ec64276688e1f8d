import * as tf from '@tensorflow/tfjs-core';
import { multiplyAdd } from './multiply-add.js';

/** Kernel name; a backend may register one that goes over memory once. */
export const MomentumStep = 'MomentumStep';

/** One parameter and its momentum buffer, of one shape; the others are scalars. All float32. */
export interface MomentumStepInputs {
  readonly value: tf.Tensor;
  readonly buffer: tf.Tensor;
  /** The gradient, turned round to maximise and with its penalty. */
  readonly slope: tf.Tensor;
  /** What the buffer keeps of itself. */
  readonly momentum: tf.Tensor;
  /** The step size, below 0. */
  readonly descent: tf.Tensor;
}

export interface MomentumStepOptions {
  /** Looks ahead: the step goes along `slope + momentum buffer`. */
  readonly nesterov: boolean;
  /** The backend may write the results over `value` and `buffer`, which the caller must not read afterwards. Default false. */
  readonly inPlace?: boolean;
}

/**
 * One update with momentum, rounded where PyTorch rounds: `b = momentum b + slope`, `value + descent b`. Both results are new tensors, or
 * take the place of the old ones. Has no gradient.
 */
export function momentumStep(
  inputs: MomentumStepInputs,
  { nesterov, inPlace = false }: MomentumStepOptions,
): { readonly value: tf.Tensor; readonly buffer: tf.Tensor } {
  const results: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(MomentumStep, { ...inputs }, { nesterov, inPlace });
  const [value, buffer] = results as unknown as [tf.Tensor, tf.Tensor];
  return { value, buffer };
}

/** `MomentumStep` composed of other ops. */
export function composedMomentumStep(
  { value, buffer, slope, momentum, descent }: MomentumStepInputs,
  nesterov: boolean,
): tf.Tensor[] {
  return tf.tidy(() => {
    const next = tf.add(tf.mul(buffer, momentum), slope);
    const direction = nesterov ? multiplyAdd(slope, next, momentum) : next;
    return [multiplyAdd(value, direction, descent), next];
  });
}
