export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** What every package may log to. `@engine/logging` implements it with sinks; nothing logs anywhere else. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  /** A warning whose text was already shown is shown once only. */
  warn(message: string): void;
  error(message: string): void;
  /** Resolves when everything logged so far is where it goes, and rejects when it cannot get there. */
  flush?(): Promise<void>;
}

/** Drops everything; the default where no logger was given. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
