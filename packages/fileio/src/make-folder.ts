import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './system-error.js';

/**
 * Makes a folder and those above it. Not Node's `recursive`: that one tries for ever where a file system answers
 * "no such file" although the parent exists, as /proc does. A parent that somebody else makes between the refusal and
 * the look at it is why the last attempt is made in any case.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (await isFolder(folder)) return;
    const parent = dirname(folder);
    if (codeOf(error) !== 'ENOENT' || parent === folder) throw error;
    if (!(await isFolder(parent))) await makeFolder(parent);
    await mkdir(folder).catch(async (later: unknown) => {
      if (!(await isFolder(folder))) throw later;
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
