import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from '../errors.js';
import { type Reduction, reduce, shapeText } from './reduction.js';

export interface MseLossOptions {
  /** Default `mean`. */
  readonly reduction?: Reduction;
}

/** Squared difference of two tensors of one shape; a scalar unless `reduction` is `none`. @throws `ENGINE_MODEL_SHAPE_MISMATCH` */
export function mseLoss(input: tf.Tensor, target: tf.Tensor, { reduction = 'mean' }: MseLossOptions = {}): tf.Tensor {
  if (!tf.util.arraysEqual(input.shape, target.shape)) {
    throw modelErrors.SHAPE_MISMATCH({
      subject: 'mseLoss',
      expected: `a target of shape (${input.shape.join(', ')}), as the input`,
      received: shapeText(target),
      action: 'reshape one of them; broadcasting is almost always a mistake here',
    });
  }
  return reduce(tf.square(tf.sub(input, target)), reduction);
}
