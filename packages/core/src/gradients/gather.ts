import * as tf from '@tensorflow/tfjs-core';
import { coreErrors } from '../errors-table.js';
import { single } from './axes.js';

/** Rows that were looked up more than once get the sum of their gradients. */
export const gatherGradient: tf.GradConfig = {
  kernelName: tf.GatherV2,
  inputsToSave: ['x', 'indices'],
  gradFunc: (dy, saved, attrs) => {
    const [x, indices] = saved as [tf.Tensor, tf.Tensor];
    const { axis, batchDims } = attrs as unknown as tf.GatherV2Attrs;
    if (batchDims !== 0) {
      throw coreErrors.BACKEND_UNSUPPORTED({
        subject: 'gradient of gather',
        expected: 'batchDims = 0',
        received: `batchDims = ${batchDims}`,
        action: 'add the batch offset to the indices and gather from the flattened tensor',
      });
    }
    const [at] = tf.util.parseAxisParam(axis, x.shape) as [number];
    return {
      x: () => scatterSum(single(dy), indices, { shape: x.shape, axis: at }),
      indices: () => tf.fill(indices.shape, 0),
    };
  },
};

function scatterSum(
  dy: tf.Tensor,
  indices: tf.Tensor,
  { shape, axis }: { readonly shape: readonly number[]; readonly axis: number },
): tf.Tensor {
  const flat = tf.reshape(tf.cast(indices, 'int32'), [indices.size]) as tf.Tensor1D;
  const outer = shape.slice(0, axis);
  const inner = shape.slice(axis + 1);
  const rows = tf.reshape(dy, [...outer, indices.size, ...inner]);
  const extent = shape[axis] as number;
  if (axis === 0) return tf.unsortedSegmentSum(rows, flat, extent);
  const order = [axis, ...outer.map((_, i) => i), ...inner.map((_, i) => axis + 1 + i)];
  const summed = tf.unsortedSegmentSum(tf.transpose(rows, order), flat, extent);
  return tf.transpose(summed, tf.backend_util.getUndoAxesPermutation(order));
}
