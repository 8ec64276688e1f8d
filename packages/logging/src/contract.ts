import type { DeviceScalar, JsonObject, Logger, LogLevel } from '@engine/core';
import type { SourcePosition } from './source-position.js';

/** One line on its way out. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly loggerName: string;
  /** Who logged it. Only errors have one, and only where the platform's stack traces can be read. */
  readonly source?: SourcePosition | undefined;
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
  /** False where nobody sees it, so that nothing need be gathered for it. Default true. */
  readonly isShown?: boolean;
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
  /** Memory in use, in MB. */
  readonly memoryMB?: number | undefined;
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

/** A scalar of {@link MessageHubLike.updateScalars} with what it stands for. */
export interface CountedScalar {
  readonly value: HubScalar;
  /** Items that it stands for. Default 1. */
  readonly count?: number;
  /** As for `updateScalar`. */
  readonly integer?: boolean;
}

export type StatisticName = 'mean' | 'max' | 'min' | 'current';
/** A statistic of one's own: gets the last `window` values and their counts. */
export type StatisticFn = (values: Float64Array, counts: Float64Array) => number;

/** The values of one scalar so far. A `window` means the last so many of them; default all. */
export interface ScalarHistory {
  readonly length: number;
  /** True while every value was an integer; decides whether a log line shows `11` or `11.0000`. */
  readonly isInteger: boolean;
  mean(window?: number): number;
  max(window?: number): number;
  min(window?: number): number;
  current(): number;
  statistics(method: StatisticName | StatisticFn, window?: number): number;
}

/** Scalars with their history and plain facts of one run, by key (`train/loss`, `epoch`). */
export interface MessageHubLike {
  /** Histories by key, in the order in which the keys were first used. Complete after `flush`. */
  readonly scalars: ReadonlyMap<string, ScalarHistory>;
  /** Facts by key, in the order in which the keys were first used. */
  readonly infos: ReadonlyMap<string, unknown>;
  getScalar(key: string): ScalarHistory;
  /** `resumed` (default true): whether it travels in checkpoints; fixed at first use. */
  updateScalar(
    key: string,
    value: HubScalar,
    options?: {
      readonly count?: number;
      readonly resumed?: boolean;
      /** Whether it counts something and is shown without decimals. Default: a device value by its dtype, a number while all are whole. */
      readonly integer?: boolean;
    },
  ): void;
  /** Several at once; a value with a count or a kind of its own as `{ value, count, integer }`. */
  updateScalars(
    values: Readonly<Record<string, HubScalar | CountedScalar>>,
    options?: { readonly resumed?: boolean },
  ): void;
  updateInfo(key: string, value: unknown, options?: { readonly resumed?: boolean }): void;
  updateInfos(values: Readonly<Record<string, unknown>>, options?: { readonly resumed?: boolean }): void;
  getInfo(key: string): unknown;
  popInfo(key: string): unknown;
  /** Reads pending device values back; histories are complete afterwards. */
  flush(): Promise<void>;
  stateDict(): Promise<JsonObject>;
  loadStateDict(state: JsonObject): void;
  dispose(): void;
}

export type LogMode = 'train' | 'val' | 'test';

/** Where a run stands when a line is made. */
export interface LogState {
  readonly mode: LogMode;
  /** Whether the run counts in epochs. */
  readonly byEpoch: boolean;
  /** Index of the current epoch in mode train, number of finished epochs otherwise. */
  readonly epoch: number;
  /** Index of the current training iteration. */
  readonly iter: number;
  readonly maxEpochs: number;
  readonly maxIters: number;
  /** Index of the batch in this mode's loader. */
  readonly batchIdx: number;
  /** Batches in this mode's loader. */
  readonly loaderLength: number;
  /** False when only validating or testing: epoch and iteration are then shown as 0. */
  readonly trainBuilt: boolean;
  /** Memory in use, in MB; shown when given. */
  readonly memoryMB?: number | undefined;
}

/** What lines are made from: a message hub. */
export type LogSource = Pick<MessageHubLike, 'scalars' | 'infos' | 'getInfo' | 'flush'>;

export interface LogLine {
  /** For trackers: values by name; arrays and dictionaries only where asked for. */
  readonly tag: Record<string, unknown>;
  /** For people. */
  readonly text: string;
}

/** Turns what a run has recorded into lines for people and rows for trackers. Reads pending device values back first. */
export interface LogProcessorLike {
  /** The line and the row after a batch. */
  getLogAfterIter(hub: LogSource, at: LogState): Promise<LogLine>;
  /** The line and the row after a whole validation or test. `withNonScalar` puts arrays and dictionaries into the tag too. */
  getLogAfterEpoch(
    hub: LogSource,
    at: LogState & { readonly mode: 'val' | 'test' },
    options?: { readonly withNonScalar?: boolean },
  ): Promise<LogLine>;
}

declare module '@engine/core' {
  interface Kinds {
    logProcessor: LogProcessorLike;
  }
}
