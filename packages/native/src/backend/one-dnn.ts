/** Ops that TensorFlow's graph optimizer puts in place of others where it is built with oneDNN; eagerly one has to ask for them. */
import { DT } from '../dtypes.js';
import type { Attribute, TensorFlow } from '../tensor-flow.js';

/** Kernels of oneDNN are registered under this label. */
export const ONE_DNN: Attribute = { name: '_kernel', setting: 'string', value: 'MklNameChangeOp' };

/** Tries one of them on one element. */
export function hasOneDnnOps(runtime: TensorFlow): boolean {
  const x = runtime.upload(DT.float32, [1, 1], Float32Array.of(1));
  try {
    const [y] = runtime.execute('_MklSoftmax', [x], [{ name: 'T', setting: 'type', value: DT.float32 }, ONE_DNN], 1);
    runtime.free(y as number);
    return true;
  } catch {
    return false; // a library built without it
  } finally {
    runtime.free(x);
  }
}
