import { Choose } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** The part of TensorFlow.js's cpu backend that is used here. */
interface HostBackend {
  readonly data: { get(dataId: object): { readonly values: ArrayLike<number> } };
  incRef(dataId: object): void;
}

/** Shares the elements of the chosen tensor: tensors never change in place. */
const choose: tf.KernelFunc = ({ inputs, backend }) => {
  const host = backend as unknown as HostBackend;
  const { condition, whenTrue, whenFalse } = inputs as Record<'condition' | 'whenTrue' | 'whenFalse', tf.TensorInfo>;
  const { dataId, shape, dtype } = host.data.get(condition.dataId).values[0] === 0 ? whenFalse : whenTrue;
  host.incRef(dataId);
  return { dataId, shape, dtype };
};

export function registerChoose(backendName: string): void {
  if (tf.getKernel(Choose, backendName) !== undefined) return;
  tf.registerKernel({ kernelName: Choose, backendName, kernelFunc: choose });
}
