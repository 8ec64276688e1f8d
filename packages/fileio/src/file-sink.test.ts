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
});
