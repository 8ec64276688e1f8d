import { EngineError } from '@engine/core/plain';
import { baseName } from './copy.js';
import { fileioErrors } from './errors.js';
import { parseJsonText, toJsonText } from './json-text.js';
import { toPlainData } from './plain-data.js';

/** One format of data files. Without `parse` it cannot be read, without `serialize` not written. */
export interface FileFormat {
  /** Without the dot, in small letters. */
  readonly extensions: readonly string[];
  /** What it throws becomes `ENGINE_FILEIO_BAD_CONTENT` with the file's name; coded errors are passed on. */
  parse?(bytes: Uint8Array): unknown;
  serialize?(value: unknown, options: SerializeOptions): string | Uint8Array | Promise<string | Uint8Array>;
}

export interface SerializeOptions {
  /** Spaces for each level, in formats that can be written on one line. Default: on one line. */
  readonly indent?: number | undefined;
}

/** JSON: `json`. NaN and Infinity are read and written as Python does. */
export const jsonFormat: FileFormat = {
  extensions: ['json'],
  parse: (bytes) => parseJsonText(utf8(bytes)),
  serialize: (value, { indent }) => toJsonText(toPlainData(value), indent),
};

/** YAML 1.2: `yaml`, `yml`. */
export const yamlFormat: FileFormat = {
  extensions: ['yaml', 'yml'],
  parse: async (bytes) => (await import('./yaml-text.js')).parseYamlText(utf8(bytes)),
  serialize: async (value) => (await import('./yaml-text.js')).toYamlText(toPlainData(value)),
};

/** Files that are programs for Python's unpickler. */
const PICKLES: ReadonlySet<string> = new Set(['pkl', 'pickle', 'pth', 'pt']);
/** Those that are weights, and have a reader of their own. */
const TORCH: ReadonlySet<string> = new Set(['pth', 'pt']);

/** The formats of data files by extension. Immutable: `with` gives a further table. */
export class FileFormats {
  /** {@link jsonFormat} and {@link yamlFormat}. */
  static readonly standard = new FileFormats([jsonFormat, yamlFormat]);
  readonly #byExtension: ReadonlyMap<string, FileFormat>;

  constructor(formats: Iterable<FileFormat>) {
    this.#byExtension = new Map(
      [...formats].flatMap((format) => format.extensions.map((extension) => [extension, format])),
    );
  }

  /** These formats and another one, which wins where both have an extension. */
  with(format: FileFormat): FileFormats {
    const known = [...this.#byExtension].map(([extension, each]) => ({ ...each, extensions: [extension] }));
    return new FileFormats([...known, format]);
  }

  get extensions(): readonly string[] {
    return [...this.#byExtension.keys()];
  }

  /**
   * The value of a file's bytes, which are asked for only when the format is known. `format`: an extension; default that of the name.
   * @throws `ENGINE_FILEIO_UNKNOWN_FORMAT`, `ENGINE_FILEIO_PICKLE`, `ENGINE_FILEIO_BAD_CONTENT`
   */
  async parse(
    content: Uint8Array | (() => Promise<Uint8Array>),
    file: string,
    format: string = extensionOf(file),
  ): Promise<unknown> {
    const { parse } = this.#of(format, file);
    if (parse === undefined) throw this.#unknown(format, file, 'a format that can be read');
    const bytes = content instanceof Uint8Array ? content : await content();
    try {
      return await parse(bytes);
    } catch (cause) {
      throw badContent(file, format, cause);
    }
  }

  /**
   * The content of a file. `format`: an extension; default that of the name.
   * @throws `ENGINE_FILEIO_UNKNOWN_FORMAT`, `ENGINE_FILEIO_PICKLE`, `ENGINE_FILEIO_NOT_DATA`
   */
  async serialize(
    value: unknown,
    file: string,
    { format = extensionOf(file), ...options }: SerializeOptions & { readonly format?: string | undefined } = {},
  ): Promise<string | Uint8Array> {
    const { serialize } = this.#of(format, file);
    if (serialize === undefined) throw this.#unknown(format, file, 'a format that can be written');
    return serialize(value, options);
  }

  #of(format: string, file: string): FileFormat {
    const found = this.#byExtension.get(format.toLowerCase());
    if (found !== undefined) return found;
    if (PICKLES.has(format.toLowerCase())) throw pickle(file, format);
    throw this.#unknown(format, file, `one of ${this.extensions.join(', ')}`);
  }

  #unknown(format: string, file: string, expected: string): Error {
    return fileioErrors.UNKNOWN_FORMAT({
      subject: file,
      expected,
      received: format === '' ? 'no extension' : `format = ${format}`,
      action: 'convert the file, give its format, or add a reader: FileFormats.standard.with({ extensions, parse })',
    });
  }
}

/** Text after the last dot of a file's name, in small letters; empty where there is none. */
function extensionOf(file: string): string {
  return /\.([^.]+)$/.exec(baseName(file))?.[1]?.toLowerCase() ?? '';
}

/** @throws TypeError for bytes that are no text in UTF-8 */
function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function pickle(file: string, format: string): Error {
  return fileioErrors.PICKLE({
    subject: file,
    expected: 'data that is only data',
    received: `.${format}, a program for Python that may do anything`,
    action: TORCH.has(format.toLowerCase())
      ? 'read weights with loadTorch of @engine/fileio/torch, or name the file in loadFrom'
      : 'convert it in Python: json.dump(pickle.load(open(..., "rb")), open("data.json", "w"))',
  });
}

function badContent(file: string, format: string, cause: unknown): Error {
  if (cause instanceof EngineError) return cause;
  const reason = cause instanceof Error ? (cause.message.split('\n', 1)[0] ?? '') : String(cause);
  return fileioErrors.BAD_CONTENT({
    subject: file,
    expected: `a file in ${format}`,
    received: reason,
    action: 'correct the file, or give the format that it has',
    cause,
  });
}
