import type * as tf from '@tensorflow/tfjs-core';
import { Module } from '../module.js';

/** A module that maps one tensor to one tensor. */
export interface TensorModule extends Module {
  forward(x: tf.Tensor): tf.Tensor;
}

/** Applies modules one after the other. They are named by index, `0.weight`, or by the keys of an object, `conv.weight`. */
export class Sequential extends Module implements Iterable<TensorModule> {
  readonly #named: Map<string, TensorModule>;

  constructor(...layers: readonly TensorModule[]);
  constructor(layers: Readonly<Record<string, TensorModule>>);
  constructor(...given: readonly (TensorModule | Readonly<Record<string, TensorModule>>)[]) {
    super();
    const [first] = given;
    const isNamed = given.length === 1 && first !== undefined && !(first instanceof Module);
    this.#named = new Map(Object.entries(isNamed ? first : given) as [string, TensorModule][]);
  }

  /** The modules in order. */
  get layers(): readonly TensorModule[] {
    return [...this.#named.values()];
  }

  get length(): number {
    return this.#named.size;
  }

  /** The module at an index, negative from the end, or of a name. */
  at(place: number | string): TensorModule | undefined {
    return typeof place === 'string' ? this.#named.get(place) : this.layers.at(place);
  }

  /** Adds a module at the end, by default named by its index. */
  append(layer: TensorModule, name = String(this.length)): this {
    this.#named.set(name, layer);
    return this;
  }

  [Symbol.iterator](): IterableIterator<TensorModule> {
    return this.#named.values();
  }

  forward(x: tf.Tensor): tf.Tensor {
    let y = x;
    for (const layer of this.#named.values()) y = layer.apply(y);
    return y;
  }

  override parts(): Iterable<readonly [name: string, value: unknown]> {
    return this.#named;
  }
}
