import type { HistoryBuffer, MessageHub } from '@engine/logging';
import { runnerErrors } from './errors.js';

/** Updates in a row that loss scaling may skip before what is not finite counts as an error. */
const PATIENCE = 100;

/**
 * Looks at losses and gradient norms once something else has read them back (a log line, a checkpoint), so that it costs no read of its own.
 * One that is not finite ends the run before it can reach a checkpoint, unless the optim wrapper has skipped the update.
 */
export class LossGuard {
  readonly #loss: Watched;
  readonly #gradNorm: Watched;
  readonly #iterAtStart: number;

  /** `iter`: finished iterations when the run starts or resumes. */
  constructor(hub: MessageHub, iter: number) {
    this.#loss = new Watched(hub, 'train/loss');
    this.#gradNorm = new Watched(hub, 'train/grad_norm');
    this.#iterAtStart = iter;
  }

  /**
   * `lastCheckpoint` is named in the error; `skippedInRow` is given for wrappers that skip what is not finite.
   * @throws `ENGINE_RUNNER_NON_FINITE_LOSS`, `ENGINE_RUNNER_NON_FINITE_GRADIENT`
   */
  check(lastCheckpoint: string | undefined, skippedInRow?: number): void {
    const errorOf = this.find(skippedInRow);
    if (errorOf !== undefined) throw errorOf(lastCheckpoint);
  }

  /** What makes the error of a number that has come since the last call and is not finite, given the last good checkpoint; undefined when there is none. */
  find(skippedInRow?: number): ((lastCheckpoint: string | undefined) => Error) | undefined {
    const [loss, gradNorm] = [this.#loss.firstBad(), this.#gradNorm.firstBad()];
    if (loss === undefined && gradNorm === undefined) return undefined;
    if (skippedInRow !== undefined && skippedInRow < PATIENCE) return undefined;
    return (lastCheckpoint) => this.#errorOf({ loss, gradNorm }, lastCheckpoint);
  }

  #errorOf({ loss, gradNorm }: { loss: Bad | undefined; gradNorm: Bad | undefined }, last: string | undefined): Error {
    const good = last === undefined ? 'no checkpoint was saved before' : `the last good checkpoint is ${last}`;
    const isFirst = loss === undefined || (this.#inStep && (gradNorm?.index ?? loss.index) < loss.index);
    if (gradNorm !== undefined && isFirst) {
      return runnerErrors.NON_FINITE_GRADIENT({
        expected: 'a finite norm of the gradients',
        received: `gradNorm = ${gradNorm.value} in ${this.#inStep ? `iteration ${this.#iterAtStart + gradNorm.index + 1}` : `update ${gradNorm.index + 1} of this call`}, where the loss was finite`,
        action: `look for a square root, a logarithm or a division by 0 in the loss, or lower the learning rate; ${good}`,
      });
    }
    return runnerErrors.NON_FINITE_LOSS({
      expected: 'a finite loss',
      received: `loss = ${loss?.value} in iteration ${this.#iterAtStart + (loss?.index ?? 0) + 1}`,
      action: `lower the learning rate, clip gradients (optimWrapper.clipGrad) or look for bad samples; ${good}`,
    });
  }

  /** Whether each iteration was an update: nothing was accumulated. */
  get #inStep(): boolean {
    return this.#loss.count === this.#gradNorm.count;
  }
}

/** A value, and its index from the start. */
interface Bad {
  readonly value: number;
  readonly index: number;
}

/** One history, from where it stands when the run starts or resumes. */
class Watched {
  readonly #hub: MessageHub;
  readonly #key: string;
  readonly #lengthAtStart: number;
  #history: HistoryBuffer | undefined;
  #checked: number;

  constructor(hub: MessageHub, key: string) {
    this.#hub = hub;
    this.#key = key;
    this.#history = hub.scalars.get(key);
    this.#lengthAtStart = this.#history?.length ?? 0;
    this.#checked = this.#lengthAtStart;
  }

  /** Values since the start. */
  get count(): number {
    return this.#checked - this.#lengthAtStart;
  }

  /** The first of the values that are new since the last call and not finite. */
  firstBad(): Bad | undefined {
    this.#history ??= this.#hub.scalars.get(this.#key);
    const history = this.#history;
    const fresh = history === undefined ? 0 : history.length - this.#checked;
    if (history === undefined || fresh <= 0) return undefined;
    this.#checked = history.length;
    if (Number.isFinite(history.mean(fresh))) return undefined;
    const values = history.data.values;
    const first = values.findIndex((value, index) => index >= values.length - fresh && !Number.isFinite(value));
    return first < 0 ? undefined : { value: values[first] as number, index: first - this.#lengthAtStart }; // < 0: finite, but not their sum
  }
}
