import type { LogLevel } from '@engine/core';
import pc from 'picocolors';
import type { LogRecord, LogSink, ProgressLine, ProgressState } from './contract.js';
import { formatLine } from './format-line.js';
import { renderProgress } from './render-progress.js';

/** What a terminal, a pipe or a test gives us to write to; `process.stdout` is one. */
export interface TextOutput {
  write(text: string): unknown;
  /** Characters a line; absent where there is no terminal. */
  readonly columns?: number;
  readonly isTTY?: boolean;
}

export interface TerminalOptions {
  readonly output: TextOutput;
  /** Least level shown. Default `INFO`. */
  readonly level?: LogLevel;
  /** Reads environment variables (`platform.env`): `NO_COLOR`, `TERM=dumb` and `CI` are honoured. Default: none set. */
  readonly env?: (name: string) => string | undefined;
  /** Monotonic milliseconds. Default: the system clock. */
  readonly now?: () => number;
}

/** A sink and a live line that share one output, so that neither tears the other. */
export interface Terminal {
  readonly sink: LogSink;
  readonly progress: ProgressLine;
}

/** Least time between two drawings of the live line. */
const REDRAW_MS = 100;
const DEFAULT_COLUMNS = 80;
/** To the first column, and erase the line. */
const ERASE = '\r\u001b[K';

/** Some terminals, those of containers for example, say 0. */
function columnsOf({ columns = 0 }: TextOutput): number {
  return columns > 0 ? columns : DEFAULT_COLUMNS;
}

/** Log lines on an output; on a real terminal with colours and a live line below them, in a pipe or under CI as plain text. */
export function createTerminal(options: TerminalOptions): Terminal {
  const { output, level = 'INFO', now = Date.now, env = () => undefined } = options;
  const isSet = (name: string): boolean => (env(name) ?? '') !== '';
  const live = output.isTTY === true && env('TERM') !== 'dumb' && !isSet('CI');
  const colors = pc.createColors(live && !isSet('NO_COLOR'));
  let drawn = '';
  let drawnAt = Number.NEGATIVE_INFINITY;

  const erase = (): void => {
    if (drawn !== '') output.write(ERASE);
  };
  const paint: Readonly<Record<LogLevel, (text: string) => string>> = {
    DEBUG: colors.dim,
    INFO: String,
    WARNING: colors.yellow,
    ERROR: colors.red,
  };

  return {
    sink: {
      level,
      write(record: LogRecord) {
        erase();
        output.write(`${paint[record.level](formatLine(record))}\n${drawn}`);
      },
      flush: () => Promise.resolve(),
      close() {
        erase();
        drawn = '';
        return Promise.resolve();
      },
    },
    progress: {
      isShown: live,
      update(state: ProgressState) {
        const time = now();
        if (!live || time - drawnAt < REDRAW_MS) return;
        drawnAt = time;
        drawn = renderProgress(state, { columns: columnsOf(output) - 1, colors });
        output.write(`${ERASE}${drawn}`);
      },
      clear() {
        erase();
        drawn = '';
      },
    },
  };
}
