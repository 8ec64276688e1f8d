import type { LogLevel } from '@engine/core';
import { describe, expect, it } from 'vitest';
import type { LogRecord, LogSink } from './contract.js';
import { formatLine } from './format-line.js';
import { atLeast, createLogger } from './logger.js';

function arraySink(level: LogLevel, log: string[] = []): LogSink & { readonly lines: string[]; closed: number } {
  return {
    level,
    lines: log,
    closed: 0,
    write: (record: LogRecord) => void log.push(formatLine(record)),
    flush: () => Promise.resolve(),
    close() {
      this.closed += 1;
      return Promise.resolve();
    },
  };
}
const noon = new Date(2026, 10, 21, 10, 15, 2).getTime();

describe('createLogger', () => {
  it('writes the line that people know', () => {
    const sink = arraySink('INFO');
    createLogger({ sinks: [sink], now: () => noon }).info('message');
    expect(sink.lines).toEqual(['2026/11/21 10:15:02 - engine - INFO - message']);
  });

  it('pads dates and names the logger', () => {
    const time = new Date(2026, 0, 2, 3, 4, 5).getTime();
    expect(formatLine({ level: 'ERROR', message: 'm', time, loggerName: 'eval' })).toBe(
      '2026/01/02 03:04:05 - eval - ERROR - m',
    );
  });

  it('can have a sink that takes only what matters on other ranks', async () => {
    const [sink, quiet] = [arraySink('INFO'), arraySink('ERROR')];
    const logger = createLogger({ sinks: [atLeast('WARNING', sink), atLeast('WARNING', quiet)], now: () => noon });
    for (const level of ['info', 'warn', 'error'] as const) logger[level](level);
    await logger.flush();
    await logger.close();
    expect(sink.lines.map((line) => line.split(' - ').at(-1))).toEqual(['warn', 'error']);
    expect(quiet.lines.map((line) => line.split(' - ').at(-1))).toEqual(['error']);
    expect([sink.closed, quiet.closed]).toEqual([1, 1]);
  });

  it("filters by its own level and by each sink's", () => {
    const [all, few] = [arraySink('DEBUG'), arraySink('ERROR')];
    const logger = createLogger({ level: 'INFO', sinks: [all], now: () => noon });
    logger.addSink(few);
    for (const level of ['debug', 'info', 'warn', 'error'] as const) logger[level](level);
    expect(all.lines.map((line) => line.slice(31))).toEqual(['INFO - info', 'WARNING - warn', 'ERROR - error']);
    expect(few.lines).toHaveLength(1);
    createLogger({ level: 'DEBUG', sinks: [all], now: () => noon }).debug('now');
    expect(all.lines.at(-1)).toMatch(/DEBUG - now$/);
  });

  it('shows a warning once, everything else every time', () => {
    const sink = arraySink('DEBUG');
    const logger = createLogger({ sinks: [sink] });
    for (let i = 0; i < 3; i += 1) {
      logger.warn('w');
      logger.info('i');
      logger.error('e');
    }
    logger.warn('w2');
    expect(sink.lines.map((line) => line.split(' - ').at(-1))).toEqual(['w', 'i', 'e', 'i', 'e', 'i', 'e', 'w2']);
  });

  it('waits for every sink, also when one fails, and then says so', async () => {
    const good = arraySink('INFO');
    const bad: LogSink = {
      ...arraySink('INFO'),
      flush: () => Promise.reject(new Error('disk')),
      close: () => Promise.reject(new Error('disk')),
    };
    const logger = createLogger({ sinks: [bad, good] });
    await expect(logger.flush()).rejects.toThrow('disk');
    await expect(logger.close()).rejects.toThrow('disk');
    expect(good.closed).toBe(1);
    await logger.close();
    logger.info('after the end');
    expect(good.lines).toEqual([]);
    expect(good.closed).toBe(1);
  });
});
