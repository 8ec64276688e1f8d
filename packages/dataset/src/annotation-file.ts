import { EngineError, isPlainObject } from '@engine/core/plain';
import { FileFormats, fileioErrors } from '@engine/fileio/web';
import { datasetErrors } from './errors.js';
import { describeType } from './subset.js';

/** What of a storage is needed to read annotations. */
export interface ReadableStorage {
  get(path: string): Promise<Uint8Array>;
}

/** An annotation file: facts about the dataset, and one record a sample (or several samples). */
export interface AnnotationFile {
  readonly metainfo: Readonly<Record<string, unknown>>;
  readonly data_list: readonly unknown[];
}

/**
 * Reads `{ metainfo, data_list }` from JSON or YAML.
 * @throws `ENGINE_DATASET_ANN_FORMAT` for other formats and contents, `ENGINE_DATASET_ANN_KEYS` when a key is missing, and what the storage throws
 */
export async function readAnnotationFile(storage: ReadableStorage, path: string): Promise<AnnotationFile> {
  const content = await readContent(storage, path);
  if (!isPlainObject(content))
    throw badFormat(path, 'an object with the keys metainfo and data_list', describeType(content));
  const missing = ['metainfo', 'data_list'].filter((key) => !Object.hasOwn(content, key));
  if (missing.length > 0) {
    throw datasetErrors.ANN_KEYS({
      subject: path,
      expected: 'the keys metainfo and data_list',
      received: `keys ${Object.keys(content).join(', ') || '(none)'}`,
      action: `add ${missing.join(' and ')}, or override loadDataList() for another format`,
    });
  }
  const { metainfo, data_list } = content;
  if (!isPlainObject(metainfo)) throw badFormat(path, 'an object in metainfo', describeType(metainfo));
  if (!Array.isArray(data_list)) throw badFormat(path, 'a list in data_list', describeType(data_list));
  return { metainfo, data_list };
}

async function readContent(storage: ReadableStorage, path: string): Promise<unknown> {
  if (path === '')
    throw badFormat('annFile', 'an annotation file in JSON or YAML (.json, .yaml, .yml)', "annFile = ''");
  try {
    return await FileFormats.standard.parse(() => storage.get(path), path);
  } catch (cause) {
    if (!(cause instanceof EngineError) || !ABOUT_CONTENT.has(cause.code)) throw cause;
    throw badFormat(path, cause.expected, cause.received);
  }
}

const ABOUT_CONTENT: ReadonlySet<string> = new Set([
  fileioErrors.UNKNOWN_FORMAT.code,
  fileioErrors.PICKLE.code,
  fileioErrors.BAD_CONTENT.code,
]);

function badFormat(subject: string, expected: string, received: string): Error {
  return datasetErrors.ANN_FORMAT({
    subject,
    expected,
    received,
    action: 'correct the file or its path, or override loadDataList() for another format',
  });
}
