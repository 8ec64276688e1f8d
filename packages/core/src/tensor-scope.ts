/**
 * Tensor lifetimes. A scope opens and closes in one tick: TensorFlow.js has one global stack of scopes, and one held across
 * an `await` would free tensors that other code makes meanwhile. What must live longer has exactly one owner.
 */
import * as tf from '@tensorflow/tfjs-core';
import { coreErrors } from './errors-table.js';
import { isPromise } from './is-promise.js';

/**
 * Runs `fn` and frees every tensor it made except those it returns (in arrays and objects too) or that have an owner.
 * @throws `ENGINE_CORE_ASYNC_SCOPE` when `fn` returns a promise.
 */
export function tensorScope<T>(fn: () => T): T {
  const engine = tf.engine();
  engine.startScope();
  let result: T | undefined;
  try {
    result = fn();
    if (isPromise(result)) {
      result.then(undefined, () => {}); // its rejection is reported by the error below
      result = undefined;
      throw coreErrors.ASYNC_SCOPE({
        expected: 'a synchronous function',
        received: 'a function that returned a promise',
        action: 'await outside and open a scope around each synchronous part',
      });
    }
    return result;
  } finally {
    engine.endScope(result as tf.TensorContainer);
  }
}

/**
 * Starts `fn` inside a scope that closes as soon as `fn` first waits (or returns), and resolves with its result.
 * Tensors that `fn` makes after its first `await` belong to `fn`.
 */
export function scopedStart<T>(fn: () => T | Promise<T>): T | Promise<T> {
  const engine = tf.engine();
  engine.startScope();
  let result: T | Promise<T> | undefined;
  try {
    result = fn();
    return result;
  } finally {
    engine.endScope(isPromise(result) ? undefined : (result as tf.TensorContainer));
  }
}

/** Owns tensors by key: keeps them out of every scope, frees one when its key is taken again, and the rest at `dispose`. */
export class TensorOwner {
  readonly #tensors = new Map<string, tf.Tensor>();

  /** Takes ownership of `tensor` and returns it. */
  keep<T extends tf.Tensor>(key: string, tensor: T): T {
    const previous = this.#tensors.get(key);
    this.#tensors.set(key, tf.keep(tensor));
    if (previous !== undefined && previous !== tensor) previous.dispose();
    return tensor;
  }

  get(key: string): tf.Tensor | undefined {
    return this.#tensors.get(key);
  }

  release(key: string): void {
    this.#tensors.get(key)?.dispose();
    this.#tensors.delete(key);
  }

  get size(): number {
    return this.#tensors.size;
  }

  dispose(): void {
    for (const key of [...this.#tensors.keys()]) this.release(key);
  }
}
