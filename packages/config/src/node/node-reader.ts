import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createJiti } from 'jiti';
import type { ConfigReader } from '../reader.js';

export interface NodeReaderOptions {
  /** Folder that relative paths start from; default the working directory. */
  readonly cwd?: string;
  /** Default the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Reads configs from the file system; TypeScript runs without a build. Modules are evaluated once a process, as with `import`. */
export function nodeReader(options: NodeReaderOptions = {}): ConfigReader {
  const { cwd = process.cwd(), env = process.env } = options;
  const jiti = createJiti(join(cwd, 'config.js'), { interopDefault: false });
  return {
    resolve: (path, from) =>
      resolve(cwd, from === undefined ? '' : dirname(from), path.replace(/^~(?=$|[/\\])/, homedir())),
    readText: async (file) => {
      try {
        return await readFile(file, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    importModule: async (file) => {
      const exports: unknown = await jiti.import(file);
      return isRecord(exports) ? exports : { default: exports };
    },
    env: (name) => env[name],
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
