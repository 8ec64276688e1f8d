import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

export const reduction = () => z.optional(z.enum(['mean', 'sum', 'none']));
export const numbers = () => z.optional(z.array(z.number()));

/** Vectors become tensors of the current scope. */
export function withTensors<
  O extends { weight?: readonly number[] | undefined; posWeight?: readonly number[] | undefined },
>(options: O): Omit<O, 'weight' | 'posWeight'> & { weight?: tf.Tensor; posWeight?: tf.Tensor } {
  const { weight, posWeight, ...rest } = options;
  return {
    ...rest,
    ...(weight !== undefined && { weight: tf.tensor1d([...weight]) }),
    ...(posWeight !== undefined && { posWeight: tf.tensor1d([...posWeight]) }),
  };
}
