import type { HostArray, ParameterLike } from '@engine/core';
import { hostArray, TensorOwner, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Gradients } from './clip-grad.js';
import { optimErrors } from './errors.js';

const PREFIX = 'accumulated/';

/** Where in its accumulation windows a run stands, counted in calls of `updateParams`. Windows are aligned to absolute counts. */
export class AccumulationCounter {
  readonly size: number;
  inner = 0;
  /** Undefined as long as nobody has said how long the run is. */
  max: number | undefined;

  constructor(size: number) {
    this.size = size;
  }

  /** How many losses the window that comes next adds up. @throws `ENGINE_OPTIM_COUNT_EXCEEDED` */
  get divisor(): number {
    const { size, inner, max } = this;
    if (size === 1 || max === undefined) return size;
    const remainder = max % size;
    if (inner < max - remainder) return size;
    if (remainder > 0) return remainder;
    throw optimErrors.COUNT_EXCEEDED({
      expected: `at most ${max} updates, as announced`,
      received: `update number ${inner + 1}`,
      action: 'call initializeCountStatus with the real number of iterations',
    });
  }

  /** Counts one backward pass; true when the window is complete and a step is due. */
  advance(): boolean {
    this.inner += 1;
    return this.inner % this.size === 0 || this.inner === this.max;
  }
}

/** Sums of gradients over an unfinished accumulation window. Owns them. */
export class GradientSums {
  readonly #owner = new TensorOwner();
  readonly #names = new Set<string>();

  /** Adds gradients to the sums and keeps the result. */
  add(grads: Gradients): void {
    for (const [name, sum] of this.sumWith(grads)) {
      this.#owner.keep(name, sum === grads.get(name) ? tf.clone(sum) : sum);
      this.#names.add(name);
    }
  }

  /** The sums with these gradients added, in the order in which names first appeared. Freed with the scope around the call, or by `clear`. */
  sumWith(grads: Gradients): Gradients {
    const sums = new Map<string, tf.Tensor>();
    for (const name of new Set([...this.#names, ...grads.keys()])) {
      const [sum, grad] = [this.#owner.get(name), grads.get(name)];
      const total = sum === undefined ? grad : grad === undefined ? sum : tf.add(sum, grad);
      if (total !== undefined) sums.set(name, total);
    }
    return sums;
  }

  clear(): void {
    this.#owner.dispose();
    this.#names.clear();
  }

  /** Host copies by `accumulated/<parameter>`, as they are at the moment of the call. */
  async save(): Promise<[name: string, array: HostArray][]> {
    return Promise.all(
      [...this.#names].map(async (name): Promise<[string, HostArray]> => {
        const sum = this.#owner.get(name) as tf.Tensor;
        const shape = [...sum.shape];
        return [PREFIX + name, hostArray('float32', shape, (await sum.data<'float32'>()).slice())];
      }),
    );
  }

  load(arrays: ReadonlyMap<string, HostArray>): void {
    this.clear();
    tensorScope(() => {
      this.add(
        new Map(
          [...arrays].map(([name, { data, shape }]) => [
            name,
            tf.tensor((data as Float32Array).slice(), [...shape], 'float32'),
          ]),
        ),
      );
    });
  }
}

/** Sum of what the losses of an unfinished window count by. Owns it. Unused where all count the same. */
export class WeightSum {
  readonly #owner = new TensorOwner();

  add(weight: tf.Tensor): void {
    const sum = this.#owner.get('weight');
    this.#owner.keep('weight', sum === undefined ? tf.clone(weight) : tf.add(sum, weight));
  }

  /** Weighted sums divided by the sum of all weights, `last` included; as they are where that is 0, or where there are no weights. */
  mean(sums: Gradients, last: tf.Tensor | undefined): Gradients {
    if (last === undefined) return sums;
    const sum = this.#owner.get('weight');
    const total = sum === undefined ? last : tf.add(sum, last);
    const divisor = tf.add(total, tf.cast(tf.equal(total, 0), 'float32'));
    return new Map([...sums].map(([name, grad]) => [name, tf.div(grad, divisor)]));
  }

  async save(): Promise<number | undefined> {
    return (await this.#owner.get('weight')?.data())?.[0];
  }

  load(weight: number | undefined): void {
    this.clear();
    if (weight !== undefined) tensorScope(() => this.add(tf.scalar(weight, 'float32')));
  }

  clear(): void {
    this.#owner.dispose();
  }
}

/** Takes the saved gradient sums out of a state's tensors. @throws `ENGINE_OPTIM_STATE_MISMATCH` */
export function splitAccumulated(
  tensors: ReadonlyMap<string, HostArray>,
  params: readonly ParameterLike[],
): { readonly sums: ReadonlyMap<string, HostArray>; readonly rest: ReadonlyMap<string, HostArray> } {
  const shapes = new Map(params.map((param) => [param.name, param.shape]));
  const sums = new Map<string, HostArray>();
  const rest = new Map<string, HostArray>();
  for (const [key, array] of tensors) {
    if (!key.startsWith(PREFIX)) {
      rest.set(key, array);
      continue;
    }
    const name = key.slice(PREFIX.length);
    const shape = shapes.get(name);
    if (shape === undefined || array.dtype !== 'float32' || String(shape) !== String(array.shape)) {
      throw optimErrors.STATE_MISMATCH({
        subject: 'OptimWrapper',
        expected:
          shape === undefined
            ? 'gradient sums of the parameters at hand'
            : `${key} of shape (${shape.join(', ')}) float32`,
        received: `${key} of shape (${array.shape.join(', ')}) ${array.dtype}`,
        action: 'load a state that was saved with the same model and optimizer',
      });
    }
    sums.set(name, array);
  }
  return { sums, rest };
}
