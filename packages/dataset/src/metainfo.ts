import { isPlainObject } from '@engine/core/plain';
import type { ReadableStorage } from './annotation-file.js';
import type { DatasetMeta } from './contract.js';
import { copyPlain } from './copy-plain.js';
import { datasetErrors } from './errors.js';
import { describeType } from './subset.js';

/** A copy of what a dataset was told about itself. @throws `ENGINE_DATASET_BAD_METAINFO` */
export function givenMetainfo(given: unknown, subject: string): Record<string, unknown> {
  if (given === undefined) return {};
  if (isPlainObject(given)) return copyPlain(given);
  throw datasetErrors.BAD_METAINFO({
    subject,
    expected: 'an object',
    received: `metainfo = ${describeType(given)}`,
    action: "give facts by name: metainfo: { classes: ['cat', 'dog'] }",
  });
}

/** Strings that name a text file become its lines; other strings stay, which is told to `warn`. */
export async function readMetainfoFiles(
  given: Readonly<Record<string, unknown>>,
  storage: ReadableStorage,
  warn: (text: string) => void,
): Promise<Record<string, unknown>> {
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    read[key] = typeof value === 'string' ? await linesOf(value, storage, () => warn(noFile(key, value))) : value;
  }
  return read;
}

async function linesOf(value: string, storage: ReadableStorage, warn: () => void): Promise<string | string[]> {
  try {
    const lines = new TextDecoder().decode(await storage.get(value)).split(/\r?\n/);
    if (lines.at(-1) === '') lines.pop();
    return lines;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENGINE_FILEIO_NOT_FOUND') throw error;
    warn();
    return value;
  }
}

function noFile(key: string, value: string): string {
  return `metainfo.${key} = ${JSON.stringify(value)} names no file; it is taken as a text`;
}

/** Facts by rank: what was given wins over the class's own, and both over those of the annotation file. */
export function mergeMetainfo(...byRank: readonly (DatasetMeta | undefined)[]): Record<string, unknown> {
  return Object.assign({}, ...[...byRank].reverse()) as Record<string, unknown>;
}
