import { createLogger, type LogRecord } from '@engine/logging';
import { describeLogSink } from '@engine/logging/testing';
import { describe, expect, it } from 'vitest';
import { fileSink } from './file-sink.js';
import { MemoryStorage } from './memory-storage.js';
import { FaultyStorage } from './testing/index.js';

const textOf = async (storage: MemoryStorage, path = '/log') => new TextDecoder().decode(await storage.get(path));
const record = (message: string): LogRecord => ({ level: 'INFO', message, time: 0, loggerName: 'engine' });

describeLogSink('file', () => {
  const storage = new MemoryStorage();
  return { sink: fileSink({ storage, path: '/run/run.log' }), read: () => textOf(storage, '/run/run.log') };
});

describe('fileSink', () => {
  it('appends to a log that exists', async () => {
    const storage = new MemoryStorage();
    await storage.append('/log', 'before\n');
    const logger = createLogger({
      sinks: [fileSink({ storage, path: '/log', level: 'WARNING' })],
      now: () => new Date(2026, 0, 2).getTime(),
    });
    logger.info('too little');
    logger.warn('enough');
    await logger.close();
    expect(await textOf(storage)).toBe('before\n2026/01/02 00:00:00 - engine - WARNING - enough\n');
  });

  it('reports a full disk once and goes on when there is room again', async () => {
    const memory = new MemoryStorage();
    const storage = new FaultyStorage(memory, { failAtByte: 10 });
    const sink = fileSink({ storage, path: '/log' });
    sink.write(record('lost'));
    await expect(sink.flush()).rejects.toThrow('ENGINE_FILEIO_NO_SPACE');
    await sink.flush();
    storage.bytesLeft = Number.POSITIVE_INFINITY;
    sink.write(record('kept'));
    await sink.close();
    expect(await textOf(memory)).toMatch(/kept\n$/);
  });

  it('keeps order and loses nothing but what it reports, on a disk that is full now and then', async () => {
    const memory = new MemoryStorage();
    const storage = new FaultyStorage(memory, { failAtByte: Number.POSITIVE_INFINITY });
    const sink = fileSink({ storage, path: '/log' });
    let failures = 0;
    for (let i = 0; i < 200; i += 1) {
      storage.bytesLeft = i % 7 === 3 ? 20 : Number.POSITIVE_INFINITY;
      sink.write(record(`<${i}>`));
      await sink.flush().catch(() => (failures += 1));
    }
    await sink.close();
    const text = await textOf(memory);
    const arrived = [...text.matchAll(/<(\d+)>/g)].map((match) => Number(match[1]));
    expect(arrived).toEqual(Array.from({ length: 200 }, (_, i) => i).filter((i) => i % 7 !== 3));
    expect(failures).toBe(200 - arrived.length);
  });

  it('writes what comes while a write is on its way, without anybody awaiting', async () => {
    const storage = new MemoryStorage();
    const sink = fileSink({ storage, path: '/log' });
    for (let i = 0; i < 30; i += 1) {
      sink.write(record(`<${i}>`));
      if (i % 5 === 0) await Promise.resolve();
    }
    await Promise.all([sink.flush(), sink.close()]);
    expect([...(await textOf(storage)).matchAll(/<(\d+)>/g)].map((match) => Number(match[1]))).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    );
  });
});
