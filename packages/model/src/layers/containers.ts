/** Lists and dictionaries of modules or parameters, for code that fills them as it goes. Plain arrays and objects in fields do as well. */

import { layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';

/** A module that only holds others. */
abstract class Container extends Module {
  /** @throws `ENGINE_MODEL_NO_FORWARD` */
  forward(): never {
    throw modelErrors.NO_FORWARD({
      subject: layerName(this),
      expected: 'a module that computes something',
      received: 'a container',
      action: 'apply what it holds, one by one, or use Sequential',
    });
  }
}

/** Named by index: `layers.0.weight`. */
abstract class ListContainer<T> extends Container implements Iterable<T> {
  readonly #items: T[];

  constructor(items: Iterable<T> = []) {
    super();
    this.#items = [...items];
  }

  get length(): number {
    return this.#items.length;
  }

  /** The item at an index, negative from the end. */
  at(index: number): T | undefined {
    return this.#items.at(index);
  }

  /** Adds items at the end. */
  push(...items: readonly T[]): this {
    this.#items.push(...items);
    return this;
  }

  /** Adds an item before the one at an index. */
  insert(index: number, item: T): this {
    this.#items.splice(index, 0, item);
    return this;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }

  override parts(): Iterable<readonly [name: string, value: unknown]> {
    return Object.entries(this.#items);
  }
}

/** Named by key: `heads.left.weight`. */
abstract class DictContainer<T> extends Container implements Iterable<[name: string, item: T]> {
  readonly #items: Map<string, T>;

  constructor(items: Readonly<Record<string, T>> | Iterable<readonly [string, T]> = {}) {
    super();
    const isIterable = Symbol.iterator in items;
    this.#items = new Map(isIterable ? (items as Iterable<[string, T]>) : Object.entries(items as Record<string, T>));
  }

  get size(): number {
    return this.#items.size;
  }

  get(name: string): T | undefined {
    return this.#items.get(name);
  }

  has(name: string): boolean {
    return this.#items.has(name);
  }

  set(name: string, item: T): this {
    this.#items.set(name, item);
    return this;
  }

  /** Takes an item out; true when there was one. */
  delete(name: string): boolean {
    return this.#items.delete(name);
  }

  keys(): IterableIterator<string> {
    return this.#items.keys();
  }

  values(): IterableIterator<T> {
    return this.#items.values();
  }

  [Symbol.iterator](): IterableIterator<[name: string, item: T]> {
    return this.#items.entries();
  }

  override parts(): Iterable<readonly [name: string, value: unknown]> {
    return this.#items;
  }
}

export class ModuleList<M extends Module = Module> extends ListContainer<M> {}
export class ModuleDict<M extends Module = Module> extends DictContainer<M> {}
export class ParameterList extends ListContainer<Parameter> {}
export class ParameterDict extends DictContainer<Parameter> {}
