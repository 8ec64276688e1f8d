import type { ParameterLike, TorchGenerator, TorchLayout } from '@engine/core';
import { fromTorchLayout, shapeFromTorch, shapeToTorch } from '@engine/core';
import type { Initializer } from './initializers.js';
import { StateTensor } from './state-tensor.js';

export interface ParameterOptions {
  /** How our memory order maps to PyTorch's; default `same`. */
  readonly torchLayout?: TorchLayout;
  /** Channels of a depthwise kernel, whose PyTorch shape does not tell them. */
  readonly channels?: number;
  /** Last part of the state name; default the field's name. */
  readonly stateName?: string;
}

/**
 * A weight of a module: float32, initial values drawn in PyTorch's shape and order, then transposed into ours.
 * Assign it to a field of the module and it is found, named after the field, trained and saved.
 */
export class Parameter extends StateTensor implements ParameterLike {
  readonly torchLayout: TorchLayout;
  protected readonly deviceDtype = 'float32';
  protected readonly hostDtype = 'float32';
  readonly #init: Initializer;
  #trainable = true;

  /** `torchShape` is the shape PyTorch gives this weight; `shape` is ours. */
  constructor(torchShape: readonly number[], init: Initializer, options: ParameterOptions = {}) {
    const layout = options.torchLayout ?? 'same';
    super(shapeFromTorch(torchShape, layout, options.channels), options.stateName);
    this.torchLayout = layout;
    this.#init = init;
  }

  /** False freezes it: it gets no gradient and no update (PyTorch's `requires_grad`). */
  get trainable(): boolean {
    return this.#trainable;
  }

  set trainable(trainable: boolean) {
    this.#trainable = trainable;
    this.setVariableTrainable(trainable);
  }

  /** Draws initial values anew: as PyTorch's constructor of the owner does, or by `init`. */
  override initialize(generator: TorchGenerator, { init = this.#init }: { readonly init?: Initializer } = {}): void {
    this.replaceValues(this.drawnBy(init, generator));
  }

  protected get isTrainable(): boolean {
    return this.#trainable;
  }

  /** New values by another initialiser, in our order; nothing changes. */
  drawnBy(init: Initializer, generator: TorchGenerator): Float32Array {
    return fromTorchLayout(init(shapeToTorch(this.shape, this.torchLayout), generator), this.shape, this.torchLayout);
  }

  protected draw(generator: TorchGenerator): Float32Array {
    return this.drawnBy(this.#init, generator);
  }
}
