import { describe, expect, it } from 'vitest';
import type { LogRecord, LogSink } from '../contract.js';

/** A fresh sink and how to see what has arrived behind it. */
export interface LogSinkFixture {
  readonly sink: LogSink;
  read(): string | Promise<string>;
}

/** The rules that every log sink keeps. `make` gives a fresh, empty one. */
export function describeLogSink(name: string, make: () => LogSinkFixture | Promise<LogSinkFixture>): void {
  describe(`log sink ${name}`, () => {
    it('names the least level it wants', async () => {
      expect(['DEBUG', 'INFO', 'WARNING', 'ERROR']).toContain((await make()).sink.level);
    });

    it('delivers every message once, in order, by the time flush resolves', async () => {
      const { sink, read } = await make();
      for (let i = 0; i < 200; i += 1) sink.write(record(`message-${i};`));
      await sink.flush();
      const found = [...(await read()).matchAll(/message-(\d+);/g)].map((match) => Number(match[1]));
      expect(found).toEqual(Array.from({ length: 200 }, (_, i) => i));
    });

    it('delivers what is written between flushes', async () => {
      const { sink, read } = await make();
      sink.write(record('first;'));
      await sink.flush();
      sink.write(record('second;'));
      await Promise.all([sink.flush(), sink.flush()]);
      expect(await read()).toMatch(/first;[^]*second;/);
    });

    it('keeps text as it is, over several lines and beyond ASCII', async () => {
      const { sink, read } = await make();
      sink.write(record('größer ≥ 0\n  zweite Zeile 訓練'));
      await sink.flush();
      expect(await read()).toContain('größer ≥ 0\n  zweite Zeile 訓練');
    });

    it('flushes on close, and may be closed twice', async () => {
      const { sink, read } = await make();
      sink.write(record('last words;'));
      await sink.close();
      await sink.close();
      expect(await read()).toContain('last words;');
    });
  });
}

function record(message: string): LogRecord {
  return { level: 'ERROR', message, time: Date.UTC(2026, 10, 21), loggerName: 'engine' };
}
