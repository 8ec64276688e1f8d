import type { DeviceScalar, JsonObject, Logger, LogLevel, SavedState } from '@engine/core';

/** One line on its way out. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly loggerName: string;
}

/** Where log lines go: a terminal, a file, a test's array. */
export interface LogSink {
  readonly level: LogLevel;
  write(record: LogRecord): void;
  /** Resolves when everything written so far has arrived. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A live line at the bottom of a terminal; other output goes above it. Does nothing where there is no terminal. */
export interface ProgressLine {
  update(state: ProgressState): void;
  /** Removes the line, e.g. before a prompt or at the end. */
  clear(): void;
}

export interface ProgressState {
  /** e.g. `epoch 1/3`, `val 1/3`. */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Iterations a second. */
  readonly rate?: number | undefined;
  /** Seconds left for the whole run. */
  readonly eta?: number | undefined;
  /** Shown as `name value`, e.g. loss. */
  readonly values?: Readonly<Record<string, number>>;
}

/** The run's logger: filters repeated warnings, formats, writes to its sinks. */
export interface RunLogger extends Logger {
  readonly name: string;
  addSink(sink: LogSink): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** What the hub accepts as a scalar: device values are read back only when somebody asks for statistics. */
export type HubScalar = number | DeviceScalar;

/** Scalars with their history and plain facts of one run, by key (`train/loss`, `epoch`). */
export interface MessageHubLike {
  /** `resumed` (default true): whether it travels in checkpoints; fixed at first use. */
  updateScalar(key: string, value: HubScalar, options?: { readonly count?: number; readonly resumed?: boolean }): void;
  updateInfo(key: string, value: unknown, options?: { readonly resumed?: boolean }): void;
  getInfo(key: string): unknown;
  popInfo(key: string): unknown;
  /** Reads pending device values back; histories are complete afterwards. */
  flush(): Promise<void>;
  stateDict(): Promise<JsonObject>;
  loadStateDict(state: JsonObject): void;
  dispose(): void;
}

export type { SavedState };
