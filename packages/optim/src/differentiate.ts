import type { ParameterLike } from '@engine/core';
import { DeviceScalar, isPromise } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Losses } from './contract.js';
import { optimErrors } from './errors.js';

/** What differentiating a loss gives. */
export interface Differentiated {
  /** By parameter name; parameters that the loss does not depend on have none. Freed with the scope around the call. */
  readonly grads: ReadonlyMap<string, tf.Tensor>;
  /** The loss and the other scalars by name. They belong to the caller. */
  readonly scalars: Readonly<Record<string, DeviceScalar>>;
}

/**
 * Runs a loss function once and differentiates `scale * loss` with respect to the trainable ones of `params`.
 * The scale enters as the seed of the backward pass, so the reported loss is not scaled.
 *
 * @throws `ENGINE_OPTIM_ASYNC_LOSS`, `_BAD_LOSS`, `_NO_GRADIENT`
 */
export function differentiate(
  lossFn: () => Losses,
  params: readonly ParameterLike[],
  scale: tf.Tensor,
): Differentiated {
  const trainable = params.filter((param) => param.trainable);
  if (trainable.length === 0) throw noGradient('no trainable parameter at all');
  const forward = new Forward(lossFn);
  const { grads } = tf.engine().gradients(
    () => forward.run(),
    trainable.map((param) => param.value),
    scale,
    true,
  );
  const scalars = forward.finish();
  const named = trainable.flatMap((param, i): [string, tf.Tensor][] => {
    const grad = grads[i];
    return grad === undefined || grad === null ? [] : [[param.name, grad]];
  });
  if (named.length > 0) return { grads: new Map(named), scalars };
  for (const scalar of Object.values(scalars)) scalar.dispose();
  throw noGradient(`a loss that does not depend on any of ${trainable.map((param) => param.name).join(', ')}`);
}

/** One run of a loss function under the tape. TensorFlow.js leaks what the tape holds when the function throws, so errors wait until it has ended. */
class Forward {
  readonly #lossFn: () => Losses;
  #scalars: Readonly<Record<string, DeviceScalar>> = {};
  #failure: { readonly error: unknown } | undefined;

  constructor(lossFn: () => Losses) {
    this.#lossFn = lossFn;
  }

  run(): tf.Tensor {
    try {
      const result = this.#lossFn();
      const loss = lossOf(result);
      this.#scalars = keepScalars(result);
      return loss;
    } catch (error) {
      this.#failure = { error };
      return tf.scalar(0);
    }
  }

  /** The scalars of the run; throws what it has thrown. */
  finish(): Readonly<Record<string, DeviceScalar>> {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#scalars;
  }
}

function lossOf(result: unknown): tf.Tensor {
  if (isPromise(result)) {
    result.then(undefined, () => {}); // its rejection would otherwise be reported besides this error
    throw optimErrors.ASYNC_LOSS({
      expected: 'a synchronous loss function',
      received: 'a function that returned a promise',
      action: 'await the data before updateParams; nothing in the loss needs waiting',
    });
  }
  const loss = result instanceof tf.Tensor ? result : (result as { readonly loss?: unknown } | null | undefined)?.loss;
  if (!(loss instanceof tf.Tensor)) {
    throw badLoss(
      result === null || typeof result !== 'object'
        ? String(result)
        : `an object with ${Object.keys(result).join(', ') || 'no keys'}`,
    );
  }
  if (loss.rank !== 0 || loss.dtype !== 'float32')
    throw badLoss(`loss of shape (${loss.shape.join(', ')}) ${loss.dtype}`);
  return loss;
}

/** Clones, so that neither a tensor named twice nor one that belongs to somebody else is freed with the outputs. */
function keepScalars(result: Losses): Record<string, DeviceScalar> {
  const named = result instanceof tf.Tensor ? { loss: result } : result;
  const { loss, ...others } = named;
  const kept: Record<string, DeviceScalar> = { loss: new DeviceScalar(tf.clone(loss)) };
  for (const [name, value] of Object.entries<unknown>(others)) {
    if (value instanceof tf.Tensor && value.size === 1) {
      kept[name] = new DeviceScalar(tf.clone(value));
      continue;
    }
    for (const scalar of Object.values(kept)) scalar.dispose();
    throw badLoss(
      value instanceof tf.Tensor
        ? `${name} of shape (${value.shape.join(', ')}) ${value.dtype}`
        : `${name} = ${String(value)}`,
    );
  }
  return kept;
}

function badLoss(received: string): Error {
  return optimErrors.BAD_LOSS({
    expected: 'a float32 scalar, or { loss, ... } with scalars only',
    received,
    action: 'reduce the loss, e.g. with tf.mean, and return numbers to report as tensors of one element',
  });
}

function noGradient(received: string): Error {
  return optimErrors.NO_GRADIENT({
    expected: 'a loss computed from the parameters that the optimizer has',
    received,
    action: 'check that the model and the optimizer share their parameters, and that not all of them are frozen',
  });
}
