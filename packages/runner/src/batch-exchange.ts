import { StepOutputs } from '@engine/core';
import type { HostBatch } from '@engine/model';

/** Where the training loop hands its batches to the caller of `trainBatches()`, who does the steps, and waits for them. */
export class BatchExchange {
  #waiting: ((batch: HostBatch | undefined) => void) | undefined;
  #handed: { readonly batch: HostBatch; readonly done: (outputs: StepOutputs | undefined) => void } | undefined;
  #isTaken = false;
  #outputs: StepOutputs | undefined;
  #hasLeft = false;
  #isOver = false;

  /** The loop's side: resolves with the outputs of the caller's step, or with undefined when the caller has left without one. */
  hand(batch: HostBatch): Promise<StepOutputs | undefined> {
    if (this.#hasLeft) return Promise.resolve(undefined);
    return new Promise((done) => {
      this.#handed = { batch, done };
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting === undefined) return;
      this.#isTaken = true;
      waiting(batch);
    });
  }

  /** The caller's side: gives back the batch at hand and resolves with the next one; undefined when training is over. */
  take(): Promise<HostBatch | undefined> {
    if (this.#isTaken) this.#giveBack(this.#outputs ?? new StepOutputs({}));
    if (this.#isOver) return Promise.resolve(undefined);
    if (this.#handed !== undefined) {
      this.#isTaken = true;
      return Promise.resolve(this.#handed.batch);
    }
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** What the caller's step gave; the last one counts. */
  report(outputs: StepOutputs): void {
    this.#outputs = outputs;
  }

  /** The caller leaves: a batch without a step is as if it had never been taken. */
  leave(): void {
    this.#hasLeft = true;
    this.#giveBack(this.#outputs);
  }

  /** The loop has ended. */
  end(): void {
    this.#isOver = true;
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }

  #giveBack(outputs: StepOutputs | undefined): void {
    const handed = this.#handed;
    this.#handed = undefined;
    this.#isTaken = false;
    this.#outputs = undefined;
    handed?.done(outputs);
  }
}
