import type { LayerCall, StepContext, StepPosition } from '../step-context.js';

/** What makes a random layer's noise its own. */
interface RandomLayer {
  readonly path: string;
  readonly stepContext: StepContext;
}

/** Counts a random layer's calls within one iteration, so that each has its own noise. */
export class CallCounter {
  readonly #layer: RandomLayer;
  #step: StepPosition | undefined;
  #calls = 0;

  constructor(layer: RandomLayer) {
    this.#layer = layer;
  }

  /** The call that starts now. */
  next(): LayerCall {
    const { position } = this.#layer.stepContext;
    this.#calls = position === this.#step ? this.#calls + 1 : 0;
    this.#step = position;
    return { path: this.#layer.path, call: this.#calls };
  }
}
