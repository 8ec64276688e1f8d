import * as tf from '@tensorflow/tfjs-core';
import { coreErrors } from './errors-table.js';

/** One number that stays on the device until somebody asks for it. Owns its tensor. */
export class DeviceScalar {
  readonly #tensor: tf.Tensor;
  #value: Promise<number> | undefined;
  #owners = 1;

  /** Takes ownership of `tensor`, which must hold one element. */
  constructor(tensor: tf.Tensor) {
    if (tensor.size !== 1) {
      throw coreErrors.NOT_SCALAR({
        expected: 'one element',
        received: `shape (${tensor.shape.join(', ')}) ${tensor.dtype}`,
        action: 'reduce it first, e.g. with tf.mean',
      });
    }
    this.#tensor = tf.keep(tensor);
  }

  /** The tensor itself, for computing further on the device. Not to be disposed by the reader. */
  get tensor(): tf.Tensor {
    return this.#tensor;
  }

  /** Reads the value back; later reads give the same number, also after the tensor was freed. */
  async read(): Promise<number> {
    this.#value ??= this.#fetch();
    return this.#value;
  }

  async #fetch(): Promise<number> {
    if (this.#tensor.isDisposed) {
      throw coreErrors.SCALAR_FREED({
        expected: 'a read before the step ends',
        received: 'a value whose tensor has been freed',
        action: 'await read() inside the hook or before the next updateParams',
      });
    }
    return (await this.#tensor.data())[0] ?? Number.NaN;
  }

  /** Adds an owner, so that the value outlives its step; each owner calls `dispose` once. */
  retain(): this {
    this.#owners += 1;
    return this;
  }

  /** Gives up one ownership; the last one frees the tensor. */
  dispose(): void {
    this.#owners -= 1;
    if (this.#owners <= 0 && !this.#tensor.isDisposed) this.#tensor.dispose();
  }
}

/**
 * What a training step reports: the loss and other scalars, by name, in the model's order. Freed by the loop after the last hook.
 * Each is a property too, so that `const { loss } = ...` works, unless a member of this class has its name.
 */
export class StepOutputs {
  readonly #scalars: ReadonlyMap<string, DeviceScalar>;
  #disposed = false;

  /** Takes ownership of the scalars. */
  constructor(scalars: Readonly<Record<string, DeviceScalar>>) {
    this.#scalars = new Map(Object.entries(scalars));
    for (const [name, value] of this.#scalars)
      if (!(name in this)) Object.defineProperty(this, name, { value, enumerable: true });
  }

  get names(): string[] {
    return [...this.#scalars.keys()];
  }

  /** @throws `ENGINE_CORE_UNKNOWN_OUTPUT` */
  get(name: string): DeviceScalar {
    const scalar = this.#scalars.get(name);
    if (scalar === undefined) {
      throw coreErrors.UNKNOWN_OUTPUT({
        expected: `one of ${this.names.join(', ') || '(the step returned nothing)'}`,
        received: name,
        action: 'read an output that the model returns in mode "loss"',
      });
    }
    return scalar;
  }

  /** Reads one value back from the device. */
  read(name: string): Promise<number> {
    return this.get(name).read();
  }

  /** Gives up the ownership taken by the constructor; calling it again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const scalar of this.#scalars.values()) scalar.dispose();
  }
}
