import * as tf from '@tensorflow/tfjs-core';
import { kernel } from './heap.js';

interface Inputs {
  readonly dy: tf.TensorInfo;
  readonly input: tf.TensorInfo;
  readonly output: tf.TensorInfo;
}

/** The gradient goes to the first element of each window that equals the maximum, as in PyTorch. */
export const maxPoolGrad: tf.KernelFunc = kernel<Inputs>(({ inputs, backend, attrs }) => {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolGradAttrs;
  const shape = inputs.input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const out = backend.makeOutput(shape, 'float32');
  const [x, y, dy, dx] = [inputs.input, inputs.output, inputs.dy, out].map((tensor) =>
    backend.typedArrayFromHeap(tensor),
  ) as [tf.TypedArray, tf.TypedArray, tf.TypedArray, tf.TypedArray];
  dx.fill(0);
  scatter({ x: bitsOf(x), y: bitsOf(y), dy, dx }, info);
  return out;
});

interface Planes {
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly dy: tf.TypedArray;
  readonly dx: tf.TypedArray;
}

/** A maximum is one of its window's elements bit for bit, but for the sign of zero, and integers compare without branches, which the processor could not predict. */
const bitsOf = (values: tf.TypedArray): Int32Array => new Int32Array(values.buffer, values.byteOffset, values.length);

function scatter(planes: Planes, info: tf.backend_util.Conv2DInfo): void {
  const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth, strideHeight, strideWidth } = info;
  const { top, left } = info.padInfo;
  const whole = windowOffsets(info.effectiveFilterHeight, info.effectiveFilterWidth, info);
  let at = 0;
  for (let n = 0; n < batchSize; n++) {
    for (let row = 0; row < outHeight; row++) {
      const y = Math.max(0, row * strideHeight - top);
      const height = Math.min(inHeight, row * strideHeight - top + info.effectiveFilterHeight) - y;
      for (let column = 0; column < outWidth; column++, at += channels) {
        const x = Math.max(0, column * strideWidth - left);
        const width = Math.min(inWidth, column * strideWidth - left + info.effectiveFilterWidth) - x;
        const corner = ((n * inHeight + y) * inWidth + x) * channels;
        scatterWindow(
          planes,
          height * width === whole.length ? whole : windowOffsets(height, width, info),
          corner,
          at,
          channels,
        );
      }
    }
  }
}

/** Distances of a window's elements from its corner, row by row. */
function windowOffsets(height: number, width: number, { inWidth, inChannels }: tf.backend_util.Conv2DInfo): Int32Array {
  return Int32Array.from(
    { length: height * width },
    (_, i) => (Math.floor(i / width) * inWidth + (i % width)) * inChannels,
  );
}

// oxlint-disable-next-line max-params -- called for every window; an object would cost more than the work
function scatterWindow(
  { x, y, dy, dx }: Planes,
  offsets: Int32Array,
  corner: number,
  at: number,
  channels: number,
): void {
  const last = offsets.length - 1;
  for (let channel = 0; channel < channels; channel++) {
    const maximum = y[at + channel] as number;
    const twice = maximum << 1;
    const significant = ((twice | -twice) >> 31) | 0x7fffffff; // all but the sign of a zero
    const wanted = maximum & significant;
    let before = 1;
    let winner = 0;
    for (let i = 0; i < last; i++) {
      const difference = (((x[corner + channel + (offsets[i] as number)] as number) & significant) - wanted) | 0;
      before &= (difference | -difference) >>> 31;
      winner += before;
    }
    const target = corner + channel + (offsets[winner] as number);
    dx[target] = (dx[target] as number) + (dy[at + channel] as number);
  }
}
