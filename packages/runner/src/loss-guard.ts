import type { HistoryBuffer, MessageHub } from '@engine/logging';
import { runnerErrors } from './errors.js';

const KEY = 'train/loss';

/**
 * Looks at losses once something else has read them back (a log line, a checkpoint), so that it costs no read of its own.
 * A loss that is not finite ends the run before it can reach a checkpoint.
 */
export class LossGuard {
  readonly #hub: MessageHub;
  readonly #iterAtStart: number;
  readonly #lengthAtStart: number;
  #history: HistoryBuffer | undefined;
  #checked: number;

  /** `iter`: finished iterations when the run starts or resumes. */
  constructor(hub: MessageHub, iter: number) {
    this.#hub = hub;
    this.#iterAtStart = iter;
    this.#history = hub.scalars.get(KEY);
    this.#lengthAtStart = this.#history?.length ?? 0;
    this.#checked = this.#lengthAtStart;
  }

  /** @throws `ENGINE_RUNNER_NON_FINITE_LOSS`; `lastCheckpoint` is named in it */
  check(lastCheckpoint: string | undefined): void {
    this.#history ??= this.#hub.scalars.get(KEY);
    const history = this.#history;
    const fresh = history === undefined ? 0 : history.length - this.#checked;
    if (history === undefined || fresh <= 0) return;
    this.#checked = history.length;
    if (Number.isFinite(history.mean(fresh))) return;
    const values = history.data.values;
    const first = values.findIndex((value, index) => index >= values.length - fresh && !Number.isFinite(value));
    if (first < 0) return; // finite values whose sum is not
    throw runnerErrors.NON_FINITE_LOSS({
      expected: 'a finite loss',
      received: `loss = ${values[first]} in iteration ${this.#iterAtStart + first - this.#lengthAtStart + 1}`,
      action: `lower the learning rate, clip gradients (optimWrapper.clipGrad) or look for bad samples; ${
        lastCheckpoint === undefined
          ? 'no checkpoint was saved before'
          : `the last good checkpoint is ${lastCheckpoint}`
      }`,
    });
  }
}
