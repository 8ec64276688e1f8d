/** Gradients of 3-D convolutions, composed of 2-D ones: one for each place of the filter along the depth. */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../host-array.js';
import { type ConvInfo, conv2dFilterGradient, conv2dInputGradient } from './convolution-math.js';

type Shape5D = [number, number, number, number, number];
type Shape4D = [number, number, number, number];

/** What the kernels of 3-D convolutions have among their attributes. */
export interface Conv3DAttrs {
  readonly strides: [number, number, number] | number;
  readonly pad: 'valid' | 'same';
}

interface Geometry {
  readonly info: tf.backend_util.Conv3DInfo;
  /** The convolution of one slice along the depth. */
  readonly slice: ConvInfo;
}

function geometryOf(x: readonly number[], filter: readonly number[], { strides, pad }: Conv3DAttrs): Geometry {
  const info = tf.backend_util.computeConv3DInfo(x as Shape5D, filter as Shape5D, strides, 1, pad);
  const { top, bottom, left, right } = info.padInfo;
  const image: Shape4D = [info.batchSize * info.outDepth, info.inHeight, info.inWidth, info.inChannels];
  const slice = tf.backend_util.computeConv2DInfo(
    image,
    filter.slice(1) as Shape4D,
    [info.strideHeight, info.strideWidth],
    1,
    [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  );
  return { info, slice };
}

/** Gradient of the NDHWC input. */
export function conv3dInputGradient(
  dy: tf.Tensor,
  filter: tf.Tensor,
  attrs: Conv3DAttrs & { readonly inputShape: number[] },
): tf.Tensor {
  return tf.tidy(() => {
    const { info, slice } = geometryOf(attrs.inputShape, filter.shape, attrs);
    const images: tf.Tensor4D = tf.reshape(dy, slice.outShape as Shape4D);
    const parts = taps(filter).map((tap, place) => {
      const gradient = conv2dInputGradient(images, tap, slice);
      return alongDepth(gradient, place - info.padInfo.front, info);
    });
    return tf.reshape(tf.addN(parts), attrs.inputShape);
  });
}

/** Gradient of the filter, (depth, height, width, in, out). */
export function conv3dFilterGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  attrs: Conv3DAttrs & { readonly filterShape: number[] },
): tf.Tensor {
  return tf.tidy(() => {
    const { info, slice } = geometryOf(x.shape, attrs.filterShape, attrs);
    const images: tf.Tensor4D = tf.reshape(dy, slice.outShape as Shape4D);
    const gradients = Array.from({ length: info.filterDepth }, (_, place) =>
      conv2dFilterGradient(seenBy(x, place - info.padInfo.front, info), images, slice),
    );
    return tf.stack(gradients);
  });
}

const taps = (filter: tf.Tensor): tf.Tensor4D[] => tf.unstack(filter) as tf.Tensor4D[];

/** The slices of x that one place of the filter meets, zeros beyond the border, as a batch of images. */
function seenBy(x: tf.Tensor, offset: number, info: tf.backend_util.Conv3DInfo): tf.Tensor4D {
  const { batchSize, outDepth, strideDepth, inDepth, inHeight, inWidth, inChannels } = info;
  const end = offset + (outDepth - 1) * strideDepth + 1;
  const rows = tf.reshape(x, [batchSize, inDepth, inHeight * inWidth * inChannels]);
  const padded = tf.pad(rows, [
    [0, 0],
    [Math.max(0, -offset), Math.max(0, end - inDepth)],
    [0, 0],
  ]);
  const from = Math.max(0, offset);
  const seen = tf.stridedSlice(
    padded,
    [0, from, 0],
    [batchSize, from + (outDepth - 1) * strideDepth + 1, rows.shape[2] as number],
    [1, strideDepth, 1],
  );
  return tf.reshape(seen, [batchSize * outDepth, inHeight, inWidth, inChannels]);
}

/** Puts a batch of images back at the depths that one place of the filter has met: (batch, inDepth, height * width * channels). */
function alongDepth(images: tf.Tensor4D, offset: number, info: tf.backend_util.Conv3DInfo): tf.Tensor {
  const { batchSize, outDepth, strideDepth, inDepth } = info;
  const inner = sizeOf(images.shape.slice(1));
  const spread = tf.reshape(
    tf.pad(tf.reshape(images, [batchSize * outDepth, 1, inner]), [
      [0, 0],
      [0, strideDepth - 1],
      [0, 0],
    ]),
    [batchSize, outDepth * strideDepth, inner],
  );
  const end = offset + outDepth * strideDepth;
  const from = Math.max(0, -offset);
  const kept = tf.slice(
    spread,
    [0, from, 0],
    [batchSize, Math.min(outDepth * strideDepth, inDepth - offset) - from, inner],
  );
  return tf.pad(kept, [
    [0, 0],
    [Math.max(0, offset), Math.max(0, inDepth - end)],
    [0, 0],
  ]);
}
