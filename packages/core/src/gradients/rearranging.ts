/** Gradients of ops that move elements about. */
import * as tf from '@tensorflow/tfjs-core';
import { coreErrors } from '../errors-table.js';
import { single } from './axes.js';

export const depthToSpaceGradient: tf.GradConfig = {
  kernelName: tf.DepthToSpace,
  gradFunc: (dyOrList, _saved, named) => {
    const { blockSize, dataFormat } = named as unknown as tf.DepthToSpaceAttrs;
    if (dataFormat !== 'NHWC') {
      throw coreErrors.BACKEND_UNSUPPORTED({
        subject: 'gradient of depthToSpace',
        expected: 'dataFormat = NHWC',
        received: `dataFormat = ${dataFormat}`,
        action: 'transpose the images to (N, H, W, C), the layout of the whole engine',
      });
    }
    return { x: () => spaceToDepth(single(dyOrList) as tf.Tensor4D, blockSize) };
  },
};

function spaceToDepth(image: tf.Tensor4D, block: number): tf.Tensor4D {
  const [batch, height, width, channels] = image.shape;
  const [rows, columns] = [height / block, width / block];
  const blocks = tf.reshape(image, [batch * rows, block, columns, block * channels]);
  return tf.reshape(tf.transpose(blocks, [0, 2, 1, 3]), [batch, rows, columns, block * block * channels]);
}

/** Mirrored elements add to what they are copies of (TensorFlow.js leaves them out). */
export const mirrorPadGradient: tf.GradConfig = {
  kernelName: tf.MirrorPad,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, named) => {
    const [x] = saved as [tf.Tensor];
    const { paddings, mode } = named as unknown as tf.MirrorPadAttrs;
    const skipped = mode === 'reflect' ? 1 : 0;
    return {
      x: () =>
        paddings.reduce<tf.Tensor>(
          (gradient, sides, axis) => foldBack(gradient, axis, { sides, extent: x.shape[axis] as number, skipped }),
          single(dy),
        ),
    };
  },
};

interface Mirror {
  readonly sides: readonly [before: number, after: number];
  readonly extent: number;
  /** Elements at the edge that are not copied. */
  readonly skipped: number;
}

function foldBack(dy: tf.Tensor, axis: number, { sides: [before, after], extent, skipped }: Mirror): tf.Tensor {
  const cut = (from: number, count: number): tf.Tensor => {
    const [begin, size] = [dy.shape.map(() => 0), [...dy.shape]];
    begin[axis] = from;
    size[axis] = count;
    return tf.slice(dy, begin, size);
  };
  const placed = (edge: tf.Tensor, from: number): tf.Tensor => {
    const pads = edge.shape.map((): [number, number] => [0, 0]);
    pads[axis] = [from, extent - from - (edge.shape[axis] as number)];
    return tf.pad(tf.reverse(edge, axis), pads);
  };
  let gradient = cut(before, extent);
  if (before > 0) gradient = tf.add(gradient, placed(cut(0, before), skipped));
  if (after > 0) gradient = tf.add(gradient, placed(cut(before + extent, after), extent - skipped - after));
  return gradient;
}
