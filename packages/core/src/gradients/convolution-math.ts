/**
 * Gradients of convolutions, composed of convolutions: what a backend without kernels of its own computes.
 *
 * With stride s, dilation d and padding p a convolution is `y[o] = sum_k x[o s + k d - p] w[k]`. Read as a sum over o it is the
 * filter's gradient: a convolution of x whose kernel is dy, with stride d and dilation s, in which batch and channels swap
 * roles. Solved for x it is the input's gradient: dy, dilated by s, convolved with the filter rotated by 180 degrees.
 */
import * as tf from '@tensorflow/tfjs-core';

export type ConvInfo = tf.backend_util.Conv2DInfo;

interface Border {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

type Shape4D = [number, number, number, number];
type Pads = [[number, number], [number, number], [number, number], [number, number]];

const positive = (extent: number): number => Math.max(0, extent);

/** Cuts the negative part of a border off an NHWC image. */
function crop(image: tf.Tensor4D, border: Border): tf.Tensor4D {
  const [top, bottom, left, right] = [border.top, border.bottom, border.left, border.right].map((extent) =>
    positive(-extent),
  ) as [number, number, number, number];
  if (top + bottom + left + right === 0) return image;
  const [batch, height, width, channels] = image.shape;
  return tf.slice(image, [0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
}

/** The positive part of a border, as explicit padding of a convolution. */
function pads(border: Border): Pads {
  return [
    [0, 0],
    [positive(border.top), positive(border.bottom)],
    [positive(border.left), positive(border.right)],
    [0, 0],
  ];
}

/** The border that x needs so that every element of dy meets every element of the filter, and nothing is left over. */
function windowBorder(info: ConvInfo): Border {
  const { top, left } = info.padInfo;
  const height = (info.outHeight - 1) * info.strideHeight + (info.filterHeight - 1) * info.dilationHeight + 1;
  const width = (info.outWidth - 1) * info.strideWidth + (info.filterWidth - 1) * info.dilationWidth + 1;
  return { top, left, bottom: height - top - info.inHeight, right: width - left - info.inWidth };
}

/** The border that the dilated dy needs so that its convolution with the rotated filter has the size of x. */
function fullBorder(info: ConvInfo): Border {
  const spanHeight = (info.filterHeight - 1) * info.dilationHeight;
  const spanWidth = (info.filterWidth - 1) * info.dilationWidth;
  const top = spanHeight - info.padInfo.top;
  const left = spanWidth - info.padInfo.left;
  const dilatedHeight = info.outHeight * info.strideHeight;
  const dilatedWidth = info.outWidth * info.strideWidth;
  return {
    top,
    left,
    bottom: info.inHeight + spanHeight - top - dilatedHeight,
    right: info.inWidth + spanWidth - left - dilatedWidth,
  };
}

/** Puts stride - 1 zeros after every row and column. */
function dilate(dy: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  const [batch, height, width, channels] = dy.shape;
  const { strideHeight, strideWidth } = info;
  let spread: tf.Tensor = dy;
  if (strideWidth > 1) {
    spread = tf.pad(tf.reshape(spread, [batch * height * width, 1, channels]), [
      [0, 0],
      [0, strideWidth - 1],
      [0, 0],
    ]);
  }
  if (strideHeight > 1) {
    spread = tf.pad(tf.reshape(spread, [batch * height, 1, width * strideWidth * channels]), [
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
    ]);
  }
  return tf.reshape(spread, [batch, height * strideHeight, width * strideWidth, channels]);
}

const dilationsOf = (info: ConvInfo): [number, number] => [info.dilationHeight, info.dilationWidth];
const stridesOf = (info: ConvInfo): [number, number] => [info.strideHeight, info.strideWidth];

/** Gradient of the filter, (height, width, in, out), of an NHWC convolution. */
export function conv2dFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  return tf.tidy(() => {
    const border = windowBorder(info);
    const seen = crop(x, border);
    if (seen.size === 0) return tf.fill<tf.Rank.R4>(info.filterShape as Shape4D, 0); // every window lies in the padding
    const image = tf.transpose(seen, [3, 1, 2, 0]);
    const kernel = tf.transpose(dy, [1, 2, 0, 3]);
    const gradient = tf.conv2d(image, kernel, dilationsOf(info), pads(border), 'NHWC', stridesOf(info));
    return tf.transpose(gradient, [1, 2, 0, 3]);
  });
}

/** Gradient of the NHWC input of a convolution. */
export function conv2dInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  return tf.tidy(() => {
    const border = fullBorder(info);
    const rotated = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    return tf.conv2d(crop(dilate(dy, info), border), rotated, 1, pads(border), 'NHWC', dilationsOf(info));
  });
}

/** Gradient of the filter, (height, width, in, multiplier), of an NHWC depthwise convolution. */
export function depthwiseFilterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  return tf.tidy(() => {
    const border = windowBorder(info);
    const image = tf.pad(crop(x, border), pads(border));
    const rows = info.batchSize * info.outHeight * info.outWidth;
    const multiplier = info.outChannels / info.inChannels;
    const gradients = tf.reshape(dy, [rows * info.inChannels, multiplier]);
    const taps: tf.Tensor[] = [];
    for (let i = 0; i < info.filterHeight; i++) {
      for (let j = 0; j < info.filterWidth; j++) {
        const top = i * info.dilationHeight;
        const left = j * info.dilationWidth;
        taps.push(
          tf.tidy(() => {
            const seen = tf.reshape(tapOf(image, [top, left], info), [rows * info.inChannels, 1]);
            return tf.sum(tf.reshape(tf.mul(gradients, seen), [rows, info.outChannels]), 0);
          }),
        );
      }
    }
    return tf.reshape(tf.stack(taps), info.filterShape as Shape4D);
  });
}

/** The elements of the padded image that one tap of the filter meets. */
function tapOf(image: tf.Tensor4D, [top, left]: readonly [number, number], info: ConvInfo): tf.Tensor4D {
  const height = (info.outHeight - 1) * info.strideHeight + 1;
  const width = (info.outWidth - 1) * info.strideWidth + 1;
  const [batch, , , channels] = image.shape;
  if (info.strideHeight === 1 && info.strideWidth === 1)
    return tf.slice(image, [0, top, left, 0], [batch, height, width, channels]);
  return tf.stridedSlice(
    image,
    [0, top, left, 0],
    [batch, top + height, left + width, channels],
    [1, info.strideHeight, info.strideWidth, 1],
  ) as tf.Tensor4D;
}

/** Gradient of the NHWC input of a depthwise convolution. */
export function depthwiseInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  return tf.tidy(() => {
    const border = fullBorder(info);
    const [height, width, channels, multiplier] = filter.shape;
    const rotated = tf.reshape(tf.reverse(filter, [0, 1]), [height, width, channels * multiplier, 1]) as tf.Tensor4D;
    const image = crop(dilate(dy, info), border);
    const full = tf.depthwiseConv2d(image, rotated, 1, pads(border), 'NHWC', dilationsOf(info));
    if (multiplier === 1) return full;
    return tf.sum<tf.Tensor4D>(
      tf.reshape(full, [info.batchSize, info.inHeight, info.inWidth, channels, multiplier]),
      4,
    );
  });
}
