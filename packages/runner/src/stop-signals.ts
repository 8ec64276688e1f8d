import type { Logger, Platform, StopSignal } from '@engine/core';

/** What a shell reports for a process that a signal ended: 128 and the signal's number. */
export const SIGNAL_EXIT_CODES: Readonly<Record<StopSignal, 130 | 143>> = { SIGINT: 130, SIGTERM: 143 };

const SIGNALS = Object.keys(SIGNAL_EXIT_CODES) as StopSignal[];

/** Listens for signals during a run: the first asks for an orderly end, the second ends the process at once. */
export class StopSignals {
  readonly #unlisten: (() => void)[];
  #received: StopSignal | undefined;

  constructor(platform: Platform, logger: Logger) {
    this.#unlisten = SIGNALS.map((signal) =>
      platform.onSignal(signal, () => {
        if (this.#received !== undefined) {
          platform.exit(SIGNAL_EXIT_CODES[signal]);
          return;
        }
        this.#received = signal;
        logger.info(`${signal} received: finishing the iteration. Send it again to exit at once.`);
      }),
    );
  }

  /** The first signal that came. */
  get received(): StopSignal | undefined {
    return this.#received;
  }

  close(): void {
    for (const unlisten of this.#unlisten.splice(0)) unlisten();
  }
}
