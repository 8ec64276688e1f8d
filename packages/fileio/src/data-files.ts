import type { StorageBackend } from './contract.js';
import { fileioErrors } from './errors.js';
import { FileFormats, type SerializeOptions } from './file-formats.js';
import { nodeStorage } from './node-storage.js';

/** Where functions that take a path look. */
export interface StorageOption {
  /** Default `nodeStorage()`: this machine, and web addresses. */
  readonly storage?: StorageBackend | undefined;
}

export interface DataFileOptions extends StorageOption {
  /** `json`, `yaml`, ...; default the file's extension. */
  readonly format?: string | undefined;
  /** Default `FileFormats.standard`. */
  readonly formats?: FileFormats | undefined;
}

/**
 * Reads a data file by its extension.
 * @throws `ENGINE_FILEIO_UNKNOWN_FORMAT`, `ENGINE_FILEIO_PICKLE`, `ENGINE_FILEIO_BAD_CONTENT`, and those of the storage
 */
export async function load(path: string, options: DataFileOptions = {}): Promise<unknown> {
  const { storage = nodeStorage(), format, formats = FileFormats.standard } = options;
  return formats.parse(() => storage.get(path), path, format);
}

/**
 * Writes a data file by its extension, whole or not at all; folders are made.
 * @throws `ENGINE_FILEIO_UNKNOWN_FORMAT`, `ENGINE_FILEIO_PICKLE`, `ENGINE_FILEIO_NOT_DATA`, and those of the storage
 */
export async function dump(
  value: unknown,
  path: string,
  options: DataFileOptions & SerializeOptions = {},
): Promise<void> {
  const { storage = nodeStorage(), formats = FileFormats.standard, ...rest } = options;
  const content = await formats.serialize(value, path, rest);
  await storage.putAtomic(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
}

export interface TextOptions extends StorageOption {
  /** Any that the platform's `TextDecoder` has. Default `utf-8`. */
  readonly encoding?: string | undefined;
}

export interface ListOptions extends TextOptions {
  /** Put before each line. */
  readonly prefix?: string;
  /** Lines to pass over. Default 0. */
  readonly offset?: number;
  /** Most lines to take; default all. */
  readonly maxCount?: number;
}

/** The lines of a text file, without their ends. Empty lines stay; the end of the last line begins no further one. */
export async function listFromFile(path: string, options: ListOptions = {}): Promise<string[]> {
  const { prefix = '', offset = 0, maxCount = Number.POSITIVE_INFINITY } = options;
  for (const [name, value] of Object.entries({ offset, maxCount })) {
    if (value >= 0 && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)) continue;
    throw fileioErrors.BAD_OPTION({
      subject: name,
      expected: 'a whole number of lines',
      received: `${name} = ${value}`,
      action: `correct ${name}`,
    });
  }
  const lines = linesOf(await readText(path, options));
  return lines.slice(offset, offset + maxCount).map((line) => prefix + line);
}

/**
 * The lines of a text file by their first column: the second column, or a list where there are more. Columns are separated by white space;
 * of equal keys the last counts. `keyOf` turns the first column into the key.
 *
 * @throws `ENGINE_FILEIO_BAD_CONTENT` for a line with less than two columns
 */
export async function dictFromFile<K = string>(
  path: string,
  { keyOf = (text) => text as K, ...options }: TextOptions & { readonly keyOf?: (text: string) => K } = {},
): Promise<Map<K, string | string[]>> {
  const found = new Map<K, string | string[]>();
  for (const [index, line] of linesOf(await readText(path, options)).entries()) {
    const [key = '', value, ...more] = line.trim().split(/\s+/);
    if (value === undefined) {
      throw fileioErrors.BAD_CONTENT({
        subject: path,
        expected: 'two columns or more in each line',
        received: JSON.stringify(line),
        action: 'correct the line',
        at: { file: path, line: index + 1 },
      });
    }
    found.set(keyOf(key), more.length === 0 ? value : [value, ...more]);
  }
  return found;
}

async function readText(path: string, { storage = nodeStorage(), encoding = 'utf-8' }: TextOptions): Promise<string> {
  const decoder = decoderOf(encoding);
  const bytes = await storage.get(path);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw fileioErrors.BAD_CONTENT({
      subject: path,
      expected: `text in ${encoding}`,
      received: 'bytes that are none',
      action: 'give the encoding that it has',
      cause,
    });
  }
}

function decoderOf(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw fileioErrors.BAD_OPTION({
      subject: 'encoding',
      expected: 'the name of an encoding, as utf-8 or gbk',
      received: `encoding = ${encoding}`,
      action: 'correct encoding',
      cause,
    });
  }
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
