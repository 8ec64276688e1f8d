import { readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import type { Jiti } from 'jiti';
import { requireSize } from '../load-errors.js';
import type { ConfigReader } from '../reader.js';
import { decode } from './decode.js';
import { besideUrl, isUrl, noRemoteCode, readUrl } from './remote.js';

export interface NodeReaderOptions {
  /** Folder that relative paths start from; default the working directory. */
  readonly cwd?: string;
  /** Default the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads configs from the file system, and text formats from `http://` and `https://`; TypeScript runs without a build, from files alone.
 * Modules are evaluated once a process, as with `import`.
 */
export function nodeReader(options: NodeReaderOptions = {}): ConfigReader {
  const { cwd = process.cwd(), env = process.env } = options;
  let jiti: Jiti | undefined;
  return {
    resolve: (path, from) => {
      if (isUrl(path)) return path;
      if (from !== undefined && isUrl(from)) return besideUrl(path, from);
      return resolve(cwd, from === undefined ? '' : dirname(from), path.replace(/^~(?=$|[/\\])/, homedir()));
    },
    readText: async (file) => {
      if (isUrl(file)) return readUrl(file);
      try {
        const { size } = await stat(file);
        requireSize(size, file);
        return decode(await readFile(file), file);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    importModule: async (file) => {
      if (isUrl(file)) throw noRemoteCode(file);
      const { createJiti } = await import('jiti');
      jiti ??= createJiti(join(cwd, 'config.js'), { interopDefault: false });
      const exports: unknown = await jiti.import(file);
      return isRecord(exports) ? exports : { default: exports };
    },
    resolvePackage: (name, path, from) => findInPackage(name, path, isUrl(from) ? cwd : dirname(from)),
    env: (name) => env[name],
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Where a package keeps its configs: `configs`, or `.mim/configs` as the packages of OpenMMLab do. */
const CONFIG_FOLDERS = ['configs', join('.mim', 'configs')];

/** The file of a package's config. Links that lead out of the package are not followed. */
async function findInPackage(name: string, path: string, folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const root = await realpath(join(at, 'node_modules', name)).catch(() => undefined);
    for (const configs of root === undefined ? [] : CONFIG_FOLDERS) {
      const file = await realpath(join(root ?? '', configs, path)).catch(() => undefined);
      if (file?.startsWith(`${root}${sep}`)) return file;
    }
    if (root !== undefined || dirname(at) === at) return undefined;
  }
}
