import type { HostArray, ParameterLike } from '@engine/core';
import { hostArray, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** Owns the state tensors of an optimizer: one variable a slot and parameter, zero at first, and how often each parameter was updated. */
export class SlotStore {
  readonly #variables = new Map<string, tf.Variable>();
  readonly #steps = new Map<string, number>();
  readonly #numbers = new Map<string, number>();

  /** The variable of a slot, made on first use. */
  slot(slot: string, param: ParameterLike, shape: readonly number[] = param.shape): tf.Variable {
    const key = `${slot}/${param.name}`;
    const found = this.#variables.get(key);
    if (found !== undefined) return found;
    const made = tensorScope(() => tf.variable(tf.zeros([...shape]), false));
    this.#variables.set(key, made);
    return made;
  }

  /** Updates that a parameter has had. */
  steps(param: ParameterLike): number {
    return this.#steps.get(param.name) ?? 0;
  }

  setSteps(param: ParameterLike, steps: number): void {
    this.#steps.set(param.name, steps);
  }

  /** A host number of a parameter; 0 at first. */
  number(name: string, param: ParameterLike): number {
    return this.#numbers.get(`${name}/${param.name}`) ?? 0;
  }

  /** Rounds to float32, which is what is saved. */
  setNumber(name: string, param: ParameterLike, value: number): void {
    this.#numbers.set(`${name}/${param.name}`, Math.fround(value));
  }

  /** Remembers steps and numbers; the result puts them back. */
  remember(): () => void {
    const [steps, numbers] = [new Map(this.#steps), new Map(this.#numbers)];
    return () => {
      for (const [now, then] of [
        [this.#steps, steps],
        [this.#numbers, numbers],
      ] as const) {
        now.clear();
        for (const [key, value] of then) now.set(key, value);
      }
    };
  }

  /** Copies a slot to the host, as it is at the moment of the call. */
  async read(slot: string, param: ParameterLike): Promise<HostArray> {
    const variable = this.slot(slot, param);
    const data = await variable.data<'float32'>();
    return hostArray('float32', [...variable.shape], data.slice());
  }

  /** Sets a slot to saved values, or to zero. */
  write(variable: tf.Variable, values?: Float32Array): void {
    const shape = [...variable.shape];
    tensorScope(() =>
      variable.assign(values === undefined ? tf.zeros(shape) : tf.tensor(values.slice(), shape, 'float32')),
    );
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#variables.clear();
    this.#steps.clear();
    this.#numbers.clear();
  }
}
