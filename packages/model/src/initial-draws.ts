import type { TorchGenerator } from '@engine/core';
import type { Initializer } from './initializers.js';
import { isContainer, isNode, type WalkNode, walk } from './module-walk.js';
import type { Parameter } from './parameter.js';
import { StateTensor, type Values } from './state-tensor.js';

/** What is drawn: a module, with its parts in construction order. */
export interface Drawable extends WalkNode {
  drawInitial(draws: InitialDraws): void;
}

/** Draws the initial values of a tree of modules from PyTorch's random stream, in the order in which PyTorch's constructors do. */
export class InitialDraws {
  readonly #generator: TorchGenerator;
  readonly #seen = new Set<object>();
  readonly #drawn = new Map<StateTensor, Values>();

  constructor(generator: TorchGenerator) {
    this.#generator = generator;
  }

  /** Draws a module, once. */
  module(module: Drawable): void {
    if (this.#seen.has(module)) return;
    this.#seen.add(module);
    module.drawInitial(this);
  }

  /** Draws a module's parts, field by field, a submodule's where it stands among the fields. */
  parts(module: Drawable): void {
    for (const [, part] of module.parts()) this.#enter(part);
  }

  /** Draws one tensor, or draws a parameter anew as a constructor does that resets its parts. */
  tensor(tensor: StateTensor): void;
  tensor(parameter: Parameter, init: Initializer): void;
  tensor(tensor: StateTensor | Parameter, init?: Initializer): void {
    const values =
      init === undefined ? tensor.drawn(this.#generator) : (tensor as Parameter).drawnBy(init, this.#generator);
    this.#give(tensor, values);
  }

  /** Gives each part of `copy` the values that the one of the same place in `original` was given; nothing is drawn. */
  copy(original: Drawable, copy: Drawable): void {
    const from = walk(original).tensors;
    this.#seen.add(copy);
    for (const [name, tensor] of walk(copy).tensors) {
      const values = this.#drawn.get(from.get(name) as StateTensor);
      if (values === undefined || this.#seen.has(tensor)) continue;
      this.#seen.add(tensor);
      this.#give(tensor, values.slice());
    }
  }

  #give(tensor: StateTensor, values: Values): void {
    this.#drawn.set(tensor, values);
    tensor.replaceValues(values);
  }

  #enter(value: unknown): void {
    if (typeof value !== 'object' || value === null || this.#seen.has(value)) return;
    if (value instanceof StateTensor) {
      this.#seen.add(value);
      this.tensor(value);
    } else if (isNode(value)) this.module(value as Drawable);
    else if (isContainer(value)) {
      this.#seen.add(value);
      for (const item of Object.values(value)) this.#enter(item);
    }
  }
}
