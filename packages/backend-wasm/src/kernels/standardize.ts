import type * as tf from '@tensorflow/tfjs-core';
import { kernel } from './heap.js';

type Shape4D = readonly [outer: number, length: number, groups: number, depth: number];
type Values = tf.TypedArray;

/** `Standardize` of `@engine/core` in three passes over memory as it lies; sums are added up in double precision. */
export const standardize: tf.KernelFunc = kernel<{ x: tf.TensorInfo }>(({ inputs, backend, attrs }) => {
  const shape = inputs.x.shape as unknown as Shape4D;
  const statistics = [shape[0], 1, shape[2], 1];
  const outputs = [[...shape], statistics, statistics].map((each) => backend.makeOutput(each, 'float32'));
  const [x, y, mean, variance] = [inputs.x, ...outputs].map((each) => backend.typedArrayFromHeap(each)) as [
    Values,
    Values,
    Values,
    Values,
  ];
  const [outer, length, groups, depth] = shape;
  const [means, squares] = [new Float64Array(groups), new Float64Array(groups)];
  const size = length * groups * depth;
  for (let o = 0; o < outer; o++) {
    sums(x, o * size, shape, means);
    for (let g = 0; g < groups; g++) means[g] = (means[g] as number) / (length * depth);
    squaredDistances({ x, from: o * size, means }, shape, squares);
    for (let g = 0; g < groups; g++) {
      const spread = (squares[g] as number) / (length * depth);
      mean[o * groups + g] = means[g] as number;
      variance[o * groups + g] = spread;
      squares[g] = 1 / Math.sqrt(spread + (attrs['epsilon'] as number));
    }
    let at = o * size;
    for (let l = 0; l < length; l++)
      for (let g = 0; g < groups; g++) {
        const [centre, inverse] = [means[g] as number, squares[g] as number];
        for (const end = at + depth; at < end; at++) y[at] = ((x[at] as number) - centre) * inverse;
      }
  }
  return outputs;
});

/** `StandardizeGrad` of `@engine/core`: `dx = (dy - mean(dy) - y * mean(dy * y)) / deviation`. */
export const standardizeGrad: tf.KernelFunc = kernel<Record<'dy' | 'y' | 'variance', tf.TensorInfo>>(
  ({ inputs, backend, attrs }) => {
    const shape = inputs.y.shape as unknown as Shape4D;
    const out = backend.makeOutput([...shape], 'float32');
    const [dy, y, variance, dx] = [inputs.dy, inputs.y, inputs.variance, out].map((each) =>
      backend.typedArrayFromHeap(each),
    ) as [Values, Values, Values, Values];
    const [outer, length, groups, depth] = shape;
    const [means, slopes, inverses] = [0, 0, 0].map(() => new Float64Array(groups)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const size = length * groups * depth;
    for (let o = 0; o < outer; o++) {
      sums(dy, o * size, shape, means);
      products({ dy, y, from: o * size }, shape, slopes);
      for (let g = 0; g < groups; g++) {
        means[g] = (means[g] as number) / (length * depth);
        slopes[g] = (slopes[g] as number) / (length * depth);
        inverses[g] = 1 / Math.sqrt((variance[o * groups + g] as number) + (attrs['epsilon'] as number));
      }
      let at = o * size;
      for (let l = 0; l < length; l++)
        for (let g = 0; g < groups; g++) {
          const [centre, slope, inverse] = [means[g] as number, slopes[g] as number, inverses[g] as number];
          for (const end = at + depth; at < end; at++)
            dx[at] = ((dy[at] as number) - centre - (y[at] as number) * slope) * inverse;
        }
    }
    return out;
  },
);

// oxlint-disable-next-line max-params -- called for every slice
function sums(values: Values, from: number, [, length, groups, depth]: Shape4D, into: Float64Array): void {
  into.fill(0);
  let at = from;
  for (let l = 0; l < length; l++)
    for (let g = 0; g < groups; g++) {
      let sum = 0;
      for (const end = at + depth; at < end; at++) sum += values[at] as number;
      into[g] = (into[g] as number) + sum;
    }
}

function squaredDistances(
  { x, from, means }: { readonly x: Values; readonly from: number; readonly means: Float64Array },
  [, length, groups, depth]: Shape4D,
  into: Float64Array,
): void {
  into.fill(0);
  let at = from;
  for (let l = 0; l < length; l++)
    for (let g = 0; g < groups; g++) {
      const centre = means[g] as number;
      let sum = 0;
      for (const end = at + depth; at < end; at++) {
        const distance = (x[at] as number) - centre;
        sum += distance * distance;
      }
      into[g] = (into[g] as number) + sum;
    }
}

function products(
  { dy, y, from }: { readonly dy: Values; readonly y: Values; readonly from: number },
  [, length, groups, depth]: Shape4D,
  into: Float64Array,
): void {
  into.fill(0);
  let at = from;
  for (let l = 0; l < length; l++)
    for (let g = 0; g < groups; g++) {
      let sum = 0;
      for (const end = at + depth; at < end; at++) sum += (dy[at] as number) * (y[at] as number);
      into[g] = (into[g] as number) + sum;
    }
}
