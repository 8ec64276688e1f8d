import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../host-array.js';
import { single } from './axes.js';

/**
 * `dx_i` = (product of what comes before i) * r_i, where r_i adds up, over all later j, dy_j times the product of what lies between.
 * `r_i = dy_i + x_(i+1) r_(i+1)` is found for all i at once by doubling distances, without dividing: right where x holds zeros.
 */
export const cumprodGradient: tf.GradConfig = {
  kernelName: tf.Cumprod,
  inputsToSave: ['x'],
  gradFunc: (dyOrList, saved, named) => {
    const [x] = saved as [tf.Tensor];
    const { axis, exclusive, reverse } = named as unknown as tf.CumprodAttrs;
    return {
      x: () => {
        const at = axis < 0 ? axis + x.rank : axis;
        const extent = x.shape[at] as number;
        const shape: [number, number, number] = [sizeOf(x.shape.slice(0, at)), extent, sizeOf(x.shape.slice(at + 1))];
        const turn = (tensor: tf.Tensor): tf.Tensor3D => {
          const flat: tf.Tensor3D = tf.reshape(tensor, shape);
          return reverse ? tf.reverse(flat, 1) : flat;
        };
        const factors = turn(x);
        const given = turn(single(dyOrList));
        const dy = exclusive ? shifted(given, 1, 0) : given;
        const before = tf.cumprod(factors, 1, true) as tf.Tensor;
        const gradient = tf.mul(before, laterSums(dy, shifted(factors, 1, 1)));
        return tf.reshape(reverse ? tf.reverse(gradient, 1) : gradient, x.shape);
      },
    };
  },
};

/** r with `r_i = b_i + a_i r_(i+1)` along axis 1. */
function laterSums(b: tf.Tensor3D, a: tf.Tensor3D): tf.Tensor3D {
  let [sums, products] = [b, a];
  for (let distance = 1; distance < b.shape[1]; distance *= 2) {
    sums = tf.add(sums, tf.mul(products, shifted(sums, distance, 0)));
    products = tf.mul(products, shifted(products, distance, 1));
  }
  return sums;
}

/** Element i + distance at i; `fill` where there is none. */
function shifted(x: tf.Tensor3D, distance: number, fill: number): tf.Tensor3D {
  const [outer, extent, inner] = x.shape;
  const rest = tf.slice(x, [0, distance, 0], [outer, extent - distance, inner]);
  return tf.pad(
    rest,
    [
      [0, 0],
      [0, distance],
      [0, 0],
    ],
    fill,
  );
}
