import { type SavedState, TorchGenerator } from '@engine/core';
import type { Hook } from '@engine/hooks';
import type { TrainableModel } from '@engine/model';
import { asModule } from './as-module.js';

/**
 * What `randomness: { generator: 'torch' }` adds to a run: one generator, seeded once as PyTorch's global one, from which initial
 * weights, every mask of a dropout and, once for each pass over a data loader, the seed of its workers are drawn, in PyTorch's order.
 * Its state is in every checkpoint, so that a resumed run goes on with the draws of the one that was interrupted.
 */
export class TorchStream implements Hook {
  readonly name = 'TorchStream';
  /** Before whatever else draws or saves at a point. */
  readonly priority = 'HIGHEST';
  readonly generator: TorchGenerator;
  #isInEpoch = false;
  /** The draw of the epoch that begins next has been made: ahead, or before it was resumed in its middle. */
  #hasDrawn = false;

  /** @throws `ENGINE_RUNNER_BAD_COMPONENT` for a model whose layers do not take their noise from a step context. */
  constructor(seed: number, model: TrainableModel) {
    this.generator = new TorchGenerator(seed);
    asModule(model, 'randomness.generator').stepContext.stream = this.generator;
  }

  beforeTrainEpoch(): void {
    if (!this.#hasDrawn) this.drawWorkerSeed();
    this.#hasDrawn = false;
    this.#isInEpoch = true;
  }

  afterTrainEpoch(): void {
    this.#isInEpoch = false;
  }

  beforeValEpoch(): void {
    this.drawWorkerSeed();
  }

  beforeTestEpoch(): void {
    this.drawWorkerSeed();
  }

  stateDict(): SavedState {
    const { values, tensors } = this.generator.state();
    return { values: { ...values, isInEpoch: this.#isInEpoch }, tensors };
  }

  loadStateDict(state: SavedState): void {
    this.generator.setState(state);
    this.#hasDrawn = state.values['isInEpoch'] === true;
  }

  /** MMEngine's loop that counts iterations begins its first pass when it is made: before `initCfg` is done, not when the epoch begins. */
  drawAhead(): void {
    this.drawWorkerSeed();
    this.#hasDrawn = true;
  }

  /** One draw for each pass over a data loader. */
  drawWorkerSeed(): void {
    this.generator.randomInt64();
  }
}
