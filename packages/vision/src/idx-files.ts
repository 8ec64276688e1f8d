import type { HostArray } from '@engine/core';
import { visionErrors } from './errors.js';
import { gunzip } from './gunzip.js';
import { parseIdx } from './idx.js';
import type { ReadableStorage } from './image-set.js';

/** A file to look for: below `root`, or where torchvision stores it for `dataset`. */
export interface IdxFileQuery {
  readonly root: string;
  readonly name: string;
  readonly dimensions: number;
  readonly dataset: string;
}

/** Reads one of the IDX files of a dataset, plain or with .gz. @throws `ENGINE_VISION_FILES_NOT_FOUND`, and the errors of reading it */
export async function readIdxFile(
  storage: ReadableStorage,
  { root, name, dimensions, dataset }: IdxFileQuery,
): Promise<HostArray<'uint8'>> {
  const tried: string[] = [];
  for (const file of [[], [dataset, 'raw']].flatMap((folder) =>
    [name, `${name}.gz`].map((leaf) => storage.join(root, ...folder, leaf)),
  )) {
    tried.push(file);
    if (!(await storage.exists(file))) continue;
    const bytes = await storage.get(file, { cached: true });
    return parseIdx(file.endsWith('.gz') ? await gunzip(bytes, file) : bytes, { file, dimensions });
  }
  throw visionErrors.FILES_NOT_FOUND({
    subject: name,
    expected: `one of ${tried.join(', ')}`,
    received: 'none of these files',
    action: `pass as root the folder that holds the four files of ${dataset}, plain or .gz, or download: true`,
  });
}
