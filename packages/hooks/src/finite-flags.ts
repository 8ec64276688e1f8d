import { tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** Remembers on the device, tensor by tensor, whether all elements are finite. Owns one scalar for each until it is cleared. */
export class FiniteFlags {
  readonly #names: string[] = [];
  readonly #flags: tf.Scalar[] = [];

  /** Scalars it owns. */
  get size(): number {
    return this.#flags.length;
  }

  /** Looks at every float tensor in `value`. Synchronous, nothing is read back. */
  add(name: string, value: unknown): void {
    for (const tensor of tf.tensor_util.getTensorsInContainer(value as tf.TensorContainer)) {
      if (tensor.dtype !== 'float32' || tensor.size === 0) continue;
      // 0 times a finite number is 0, and NaN for all others
      const flag = tensorScope(() => tf.sum(tf.mul(tensor, 0)) as tf.Scalar);
      this.#names.push(name);
      this.#flags.push(tf.keep(flag));
    }
  }

  /** The name of the first that is not finite; one small tensor is read. */
  async firstBad(): Promise<string | undefined> {
    if (this.#flags.length === 0) return undefined;
    const all = tensorScope(() => tf.stack(this.#flags));
    const values = await all.data();
    all.dispose();
    const first = values.findIndex((value) => Number.isNaN(value));
    return first < 0 ? undefined : this.#names[first];
  }

  clear(): void {
    for (const flag of this.#flags.splice(0)) flag.dispose();
    this.#names.length = 0;
  }
}
