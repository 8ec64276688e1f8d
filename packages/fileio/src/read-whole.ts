import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';

/** One read call takes no more. */
const LARGEST_READ = 2 ** 30;

/**
 * All of a file, in memory of its own. A worker thread waits for it: nobody else is kept waiting there, and the thread pool's four round trips
 * take five times as long as reading a photograph does.
 */
export async function readWhole(file: string, waits = !isMainThread): Promise<Uint8Array> {
  return waits ? readNow(file) : readAside(file);
}

async function readAside(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const bytes = new Uint8Array((await handle.stat()).size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, Math.min(bytes.length - filled, LARGEST_READ));
      if (bytesRead === 0) return bytes.subarray(0, filled);
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

function readNow(file: string): Uint8Array {
  const handle = openSync(file, 'r');
  try {
    const bytes = new Uint8Array(fstatSync(handle).size);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(handle, bytes, filled, Math.min(bytes.length - filled, LARGEST_READ), null);
      if (count === 0) return bytes.subarray(0, filled);
      filled += count;
    }
    return bytes;
  } finally {
    closeSync(handle);
  }
}
