import { open } from 'node:fs/promises';
import { codeOf } from './system-error.js';

/** Makes a rename durable. Windows and some network disks cannot, and say so in various ways. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'ENOTSUP', 'EBADF'].includes(codeOf(error) ?? '')) throw error;
  }
}
