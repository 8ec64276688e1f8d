import type { LogLevel } from '@engine/core';
import { formatLineWithSource, type LogSink } from '@engine/logging';
import type { StorageBackend } from './contract.js';

export interface FileSinkOptions {
  readonly path: string;
  readonly storage: StorageBackend;
  /** Least level written. Default `INFO`. */
  readonly level?: LogLevel;
}

/**
 * Appends log lines to a file, without colours; an error's line says where it was logged. Lines leave at once; those that come while others are on their way go
 * together. What went wrong in writing is thrown by the next `flush` or `close`.
 */
export function fileSink({ path, storage, level = 'INFO' }: FileSinkOptions): LogSink {
  let waiting = '';
  let failure: { readonly error: unknown } | undefined;
  let writing: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (waiting !== '') {
      const text = waiting;
      waiting = '';
      try {
        await storage.append(path, text);
      } catch (error) {
        failure ??= { error };
      }
    }
    writing = undefined;
  };
  const flush = async (): Promise<void> => {
    await writing;
    const failed = failure;
    failure = undefined;
    if (failed !== undefined) throw failed.error;
  };

  return {
    level,
    write(record) {
      waiting += `${formatLineWithSource(record)}\n`;
      writing ??= drain();
    },
    flush,
    close: flush,
  };
}
