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
  /** What the loss was multiplied by, where `weightedBy` names it. Freed with the scope around the call. */
  readonly weight?: tf.Tensor | undefined;
}

export interface Seed {
  /** Scalar that the backward pass starts with; the reported loss is not scaled. */
  readonly scale: tf.Tensor;
  /** Name of an output of the loss function that the loss counts by, e.g. its number of tokens. */
  readonly weightedBy?: string | undefined;
}

/**
 * Runs a loss function once and differentiates `scale * loss` (times the weight, if there is one) with respect to the trainable ones of `params`.
 *
 * @throws `ENGINE_OPTIM_ASYNC_LOSS`, `_BAD_LOSS`, `_NO_GRADIENT`
 */
export function differentiate(
  lossFn: () => Losses,
  params: readonly ParameterLike[],
  { scale, weightedBy }: Seed,
): Differentiated {
  const trainable = params.filter((param) => param.trainable);
  if (trainable.length === 0) throw noGradient('no trainable parameter at all');
  const forward = new Forward(lossFn, weightedBy);
  const { grads } = tf.engine().gradients(
    () => forward.run(),
    trainable.map((param) => param.value),
    scale,
    true,
  );
  const { scalars, weight } = forward.finish();
  const named = trainable.flatMap((param, i): [string, tf.Tensor][] => {
    const grad = grads[i];
    return grad === undefined || grad === null ? [] : [[param.name, grad]];
  });
  if (named.length > 0) return { grads: new Map(named), scalars, weight };
  for (const scalar of Object.values(scalars)) scalar.dispose();
  throw noGradient(`a loss that does not depend on any of ${trainable.map((param) => param.name).join(', ')}`);
}

/** One run of a loss function under the tape. TensorFlow.js leaks what the tape holds when the function throws, so errors wait until it has ended. */
class Forward {
  readonly #lossFn: () => Losses;
  readonly #weightedBy: string | undefined;
  #scalars: Readonly<Record<string, DeviceScalar>> = {};
  #weight: tf.Tensor | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(lossFn: () => Losses, weightedBy: string | undefined) {
    this.#lossFn = lossFn;
    this.#weightedBy = weightedBy;
  }

  run(): tf.Tensor {
    try {
      const result = this.#lossFn();
      const loss = lossOf(result);
      if (this.#weightedBy === undefined) {
        this.#scalars = keepScalars(result);
        return loss;
      }
      this.#weight = weightOf(result, this.#weightedBy);
      this.#scalars = keepScalars(result);
      return tf.mul(loss, constant(this.#weight));
    } catch (error) {
      this.#failure = { error };
      return tf.scalar(0);
    }
  }

  /** The scalars of the run; throws what it has thrown. */
  finish(): Pick<Differentiated, 'scalars' | 'weight'> {
    if (this.#failure !== undefined) throw this.#failure.error;
    return { scalars: this.#scalars, weight: this.#weight };
  }
}

function weightOf(result: Losses, name: string): tf.Tensor {
  const weight: unknown = result instanceof tf.Tensor ? undefined : result[name];
  if (weight instanceof tf.Tensor && weight.size === 1) return tf.reshape(tf.cast(weight, 'float32'), []);
  throw optimErrors.BAD_LOSS({
    subject: name,
    expected: `a scalar ${name} beside the loss: what its mean was taken over (weightedBy: '${name}')`,
    received: weight instanceof tf.Tensor ? `shape (${weight.shape.join(', ')}) ${weight.dtype}` : String(weight),
    action: `return { loss, ${name}: ... } from the loss function, or leave weightedBy out`,
  });
}

/** The same value, from which no gradient flows back. */
function constant(x: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((input) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: (dy) => tf.zerosLike(dy as tf.Tensor),
  }));
  return op(x);
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
