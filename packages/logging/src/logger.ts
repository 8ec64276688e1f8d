import type { LogLevel } from '@engine/core';
import type { LogSink, RunLogger } from './contract.js';
import { frameAt, type SourcePosition } from './source-position.js';

/** Rising importance. */
const RANK: Readonly<Record<LogLevel, number>> = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3 };

/** Whether a line of `level` is shown where `threshold` is the least level wanted. */
export function isShown(level: LogLevel, threshold: LogLevel): boolean {
  return RANK[level] >= RANK[threshold];
}

/** A sink that takes nothing below `level`, for the other ranks of a run: they should not repeat what the first one shows. */
export function atLeast(level: LogLevel, sink: LogSink): LogSink {
  return {
    level: isShown(sink.level, level) ? sink.level : level,
    write: (record) => sink.write(record),
    flush: () => sink.flush(),
    close: () => sink.close(),
  };
}

export interface LoggerOptions {
  /** Shown in every line. Default `engine`. */
  readonly name?: string;
  /** Least level of all sinks together; each sink has its own besides. Default `INFO`. */
  readonly level?: LogLevel;
  /** Owned by the logger from now on: `close` closes them. */
  readonly sinks?: readonly LogSink[];
  /** Milliseconds since 1970. Default: the system clock. */
  readonly now?: () => number;
}

/** Makes a run's logger. A warning whose text was shown before is dropped; nothing else is. */
export function createLogger(options: LoggerOptions = {}): RunLogger {
  const { name = 'engine', level: threshold = 'INFO', now = Date.now } = options;
  let sinks = [...(options.sinks ?? [])];
  const warned = new Set<string>();

  const write = (level: LogLevel, message: string, source?: SourcePosition): void => {
    if (!isShown(level, threshold)) return;
    if (level === 'WARNING') {
      if (warned.has(message)) return;
      warned.add(message);
    }
    const record = { level, message, time: now(), loggerName: name, source };
    for (const sink of sinks) if (isShown(level, sink.level)) sink.write(record);
  };

  return {
    name,
    debug: (message) => write('DEBUG', message),
    info: (message) => write('INFO', message),
    warn: (message) => write('WARNING', message),
    error: (message) => write('ERROR', message, frameAt(new Error().stack, 1)),
    addSink(sink) {
      sinks.push(sink);
    },
    flush: () => settleAll(sinks.map((sink) => sink.flush())),
    close() {
      const closing = sinks;
      sinks = [];
      return settleAll(closing.map((sink) => sink.close()));
    },
  };
}

/** Waits for all, then reports the first failure: one broken sink keeps no other from finishing. */
async function settleAll(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}
