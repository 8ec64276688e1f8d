import { MultiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** The part of TensorFlow.js's cpu backend that is used here. */
interface HostBackend {
  readonly data: { get(dataId: object): { readonly values: Float32Array } };
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
}

/** `a + b * c` in doubles, where the product of two float32 is exact: rounded once. */
const multiplyAdd: tf.KernelFunc = ({ inputs, backend }) => {
  const host = backend as unknown as HostBackend;
  const [a, b, c] = ['a', 'b', 'c'].map((name) => host.data.get((inputs[name] as tf.TensorInfo).dataId).values) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const last = c.length === 1 ? 0 : Number.POSITIVE_INFINITY;
  const out = a.map((value, i) => value + (b[i] as number) * (c[Math.min(i, last)] as number));
  return host.makeTensorInfo((inputs['a'] as tf.TensorInfo).shape, 'float32', out);
};

export function registerMultiplyAdd(backendName: string): void {
  if (tf.getKernel(MultiplyAdd, backendName) !== undefined) return;
  tf.registerKernel({ kernelName: MultiplyAdd, backendName, kernelFunc: multiplyAdd });
}
