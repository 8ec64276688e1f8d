import { KeyedRandom } from '@engine/core';

/** Where a run stands. What is random in a layer is a function of it. */
export interface StepPosition {
  readonly seed: number;
  /** Global iteration, from 0. */
  readonly iteration: number;
}

/**
 * The one place through which seed and iteration reach the layers of a model. Owned by the outermost module; layers ask it for
 * their noise. Nobody need set it: it starts with a fresh random seed, and layers count their calls.
 */
export class StepContext {
  #position: StepPosition = { seed: Math.floor(Math.random() * 2 ** 32), iteration: 0 };

  get position(): StepPosition {
    return this.#position;
  }

  /** Starts a step; layers count their calls anew. */
  begin({ seed, iteration }: StepPosition): void {
    this.#position = { seed, iteration };
  }

  /** A mask of `size` elements: `1 / keep` with probability `keep`, else 0; a function of seed, iteration, layer and call alone. */
  dropoutMask(size: number, keep: number, layer: LayerCall): Float32Array {
    const { seed, iteration } = this.#position;
    return new KeyedRandom(seed, 'dropout', iteration, layer.path, layer.call).fillBernoulli(
      new Float32Array(size),
      keep,
      1 / keep,
    );
  }

  /** `size` floats in [0, 1); a function of seed, iteration, layer and call alone. */
  uniforms(size: number, layer: LayerCall): Float32Array {
    const { seed, iteration } = this.#position;
    return new KeyedRandom(seed, 'uniform', iteration, layer.path, layer.call).fillUniform(new Float32Array(size));
  }
}

/** A layer, and how often it was called before in this iteration. */
export interface LayerCall {
  readonly path: string;
  readonly call: number;
}
