import type { HostArray } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import { visionErrors } from './errors.js';
import { gunzip } from './gunzip.js';
import { parseIdx } from './idx.js';

/** What reading a dataset needs of a storage backend. */
export type ReadableStorage = Pick<StorageBackend, 'get' | 'exists' | 'join'>;

/** Folders under the root in which the files may lie: as downloaded, or as torchvision stores them. */
const FOLDERS = [[], ['MNIST', 'raw']];

/** Reads one of the IDX files under `root`, plain or with .gz. @throws `ENGINE_VISION_FILES_NOT_FOUND`, and the errors of reading it */
export async function readIdxFile(
  storage: ReadableStorage,
  { root, name, dimensions }: { readonly root: string; readonly name: string; readonly dimensions: number },
): Promise<HostArray<'uint8'>> {
  const tried: string[] = [];
  for (const file of FOLDERS.flatMap((folder) =>
    [name, `${name}.gz`].map((leaf) => storage.join(root, ...folder, leaf)),
  )) {
    tried.push(file);
    if (!(await storage.exists(file))) continue;
    const bytes = await storage.get(file);
    return parseIdx(file.endsWith('.gz') ? await gunzip(bytes, file) : bytes, { file, dimensions });
  }
  throw visionErrors.FILES_NOT_FOUND({
    subject: name,
    expected: `one of ${tried.join(', ')}`,
    received: 'none of these files',
    action: 'pass as root the folder that holds the four files of MNIST, plain or .gz',
  });
}
