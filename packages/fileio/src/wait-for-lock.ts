import { setTimeout as wait } from 'node:timers/promises';
import { EngineError } from '@engine/core/plain';
import { takeLock } from './local-lock.js';

/** Takes the lock of a local path as soon as it is free. @throws `ENGINE_FILEIO_LOCKED` after `patience` milliseconds */
export async function waitForLock(path: string, patience = 3_600_000): Promise<() => Promise<void>> {
  for (let waited = 0; ; waited += 50) {
    try {
      return await takeLock(path);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'ENGINE_FILEIO_LOCKED' || waited >= patience) throw error;
      await wait(50);
    }
  }
}
