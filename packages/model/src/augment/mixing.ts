import * as tf from '@tensorflow/tfjs-core';
import type { LabelledImages } from './contract.js';
import type { Box } from './draws.js';

/** `lambda * batch + (1 - lambda) * batch[order]`, images and targets alike. Zhang et al. 2018. */
export function mixup({ images, targets }: LabelledImages, order: Int32Array, lambda: number): LabelledImages {
  return { images: blend(images, order, lambda), targets: blend(targets, order, lambda) };
}

/** Puts into each image the same box of another one; targets go by the share of the area. Yun et al. 2019. */
export function cutmix(batch: LabelledImages, order: Int32Array, box: Box): LabelledImages {
  return paste(batch, tf.gather(batch.images, tf.tensor1d(order, 'int32')), { order, box });
}

/** Puts into the box of each image the whole of another one, made smaller. Qin et al. 2020. */
export function resizemix(batch: LabelledImages, order: Int32Array, box: Box): LabelledImages {
  const [, height, width] = batch.images.shape;
  const size: [number, number] = [box.bottom - box.top, box.right - box.left];
  if (size[0] < 1 || size[1] < 1) return batch;
  const small = tf.image.resizeBilinear(tf.gather(batch.images, tf.tensor1d(order, 'int32')), size, false, true);
  return paste(batch, tf.pad(small, marginsOf(box, height, width)), { order, box });
}

function paste(
  { images, targets }: LabelledImages,
  others: tf.Tensor4D,
  { order, box }: { readonly order: Int32Array; readonly box: Box },
): LabelledImages {
  const [, height, width] = images.shape;
  const area = Math.max(0, box.bottom - box.top) * Math.max(0, box.right - box.left);
  const share = area / (height * width);
  if (area === 0) return { images, targets };
  const inside = tf.pad(tf.ones([1, box.bottom - box.top, box.right - box.left, 1]), marginsOf(box, height, width));
  return {
    images: tf.where(tf.cast(tf.broadcastTo(inside, images.shape), 'bool'), others, images),
    targets: blend(targets, order, 1 - share),
  };
}

function marginsOf(box: Box, height: number, width: number): [number, number][] {
  return [
    [0, 0],
    [box.top, height - box.bottom],
    [box.left, width - box.right],
    [0, 0],
  ];
}

function blend<T extends tf.Tensor>(values: T, order: Int32Array, lambda: number): T {
  const others = tf.gather(values, tf.tensor1d(order, 'int32'));
  return tf.add(tf.mul(values, lambda), tf.mul(others, 1 - lambda));
}
