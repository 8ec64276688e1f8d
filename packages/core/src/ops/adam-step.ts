import * as tf from '@tensorflow/tfjs-core';
import { multiplyAdd } from './multiply-add.js';

/** Kernel name; a backend may register one that goes over memory once. */
export const AdamStep = 'AdamStep';

/** One parameter and what Adam knows of it, all of one shape; the others are scalars. All float32. */
export interface AdamStepInputs {
  /** The parameter, weight decay done. */
  readonly start: tf.Tensor;
  /** The gradient, turned round to maximise and with its penalty. */
  readonly slope: tf.Tensor;
  readonly average: tf.Tensor;
  readonly averageSquare: tf.Tensor;
  /** What the average takes in, or that less 1 where it starts from the slope. */
  readonly intake: tf.Tensor;
  readonly keepSquare: tf.Tensor;
  readonly intakeSquare: tf.Tensor;
  /** Root of the second correction. */
  readonly root: tf.Tensor;
  readonly eps: tf.Tensor;
  /** The step size over the first correction, below 0. */
  readonly descent: tf.Tensor;
}

/** New value and averages. */
export interface AdamStepResult {
  readonly value: tf.Tensor;
  readonly average: tf.Tensor;
  readonly averageSquare: tf.Tensor;
}

export interface AdamStepOptions {
  /** Starts the first average from the other end: `slope + (slope - m) intake`. */
  readonly fromSlope: boolean;
  /** The backend may write the results over `start`, `average` and `averageSquare`, which the caller must not read afterwards. Default false. */
  readonly inPlace?: boolean;
}

/**
 * One update of Adam (Kingma and Ba, 2014), rounded where PyTorch rounds:
 * `m += (slope - m) intake`, `v = keepSquare v + intakeSquare slope^2`, `start + descent m / (sqrt(v) / root + eps)`. Has no gradient.
 */
export function adamStep(inputs: AdamStepInputs, { fromSlope, inPlace = false }: AdamStepOptions): AdamStepResult {
  const [value, average, averageSquare] = tf
    .engine()
    .runKernel(AdamStep, { ...inputs }, { fromSlope, inPlace }) as unknown as tf.Tensor[] as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  return { value, average, averageSquare };
}

/** `AdamStep` composed of other ops. */
export function composedAdamStep(inputs: AdamStepInputs, fromSlope: boolean): tf.Tensor[] {
  return tf.tidy(() => {
    const { start, slope, intake, keepSquare, intakeSquare, root, eps, descent } = inputs;
    const average = multiplyAdd(fromSlope ? slope : inputs.average, tf.sub(slope, inputs.average), intake);
    const averageSquare = multiplyAdd(tf.mul(inputs.averageSquare, keepSquare), tf.mul(slope, intakeSquare), slope);
    const spread = tf.add(tf.div(tf.sqrt(averageSquare), root), eps);
    return [tf.add(start, tf.div(tf.mul(average, descent), spread)), average, averageSquare];
  });
}
