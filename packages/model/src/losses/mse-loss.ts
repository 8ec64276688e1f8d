import * as tf from '@tensorflow/tfjs-core';
import { checkSameShape } from './check-target.js';
import { type Reduction, reduce } from './reduction.js';

export interface MseLossOptions {
  /** Default `mean`. */
  readonly reduction?: Reduction;
}

/** Squared difference of two tensors of one shape; a scalar unless `reduction` is `none`. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function mseLoss(input: tf.Tensor, target: tf.Tensor, { reduction = 'mean' }: MseLossOptions = {}): tf.Tensor {
  checkSameShape('mseLoss', input, { target });
  return reduce(tf.square(tf.sub(input, target)), reduction);
}
