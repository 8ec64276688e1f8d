import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { mmcompatErrors } from '../errors.js';
import type { Surroundings } from '../run/surroundings.js';
import { normalizeNewlines } from '../syntax/parse.js';

/** How configs reach files. Reading is synchronous, as configs may read others while they run. */
export interface Files extends Surroundings {
  /** The absolute form of a path that the user gave. */
  resolve(path: string): string;
  /** The text of a file with line feeds only; undefined where there is none. @throws `ENGINE_MMCOMPAT_NOT_UTF8`, `_TOO_LARGE`, `_UNREADABLE` */
  read(file: string, mostBytes: number): string | undefined;
  /** The folder of an installed Python package. `from` is the config that asks for it. */
  packageFolder(name: string, from: string): string | undefined;
}

export interface NodeFilesOptions {
  /** Default the process's working directory. */
  readonly cwd?: string;
  /** Default the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folders that hold Python packages, searched first for `package::path` bases. */
  readonly packagePath?: readonly string[];
}

/** The files of this machine. Packages are searched for on `packagePath`, beside the config, on `PYTHONPATH` and in the active virtual environment. */
export function nodeFiles({ cwd = process.cwd(), env = process.env, packagePath = [] }: NodeFilesOptions = {}): Files {
  return {
    cwd,
    env: (name) => env[name],
    resolve: (path) => resolve(cwd, path.replace(/^~(?=$|[/\\])/, env.HOME ?? homedir())),
    kindOf: (path) => {
      const entry = statSync(path, { throwIfNoEntry: false });
      return entry === undefined ? undefined : entry.isDirectory() ? 'folder' : 'file';
    },
    read: readConfig,
    packageFolder(name, from) {
      const roots = [
        ...packagePath,
        ...siteOf(from),
        ...(env.PYTHONPATH ?? '').split(delimiter),
        ...virtualSites(env.VIRTUAL_ENV),
      ];
      return roots
        .filter((root) => root !== '')
        .map((root) => join(resolve(cwd, root), name))
        .find((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory());
    },
  };
}

function readConfig(file: string, mostBytes: number): string | undefined {
  let bytes: Buffer;
  try {
    const entry = statSync(file, { throwIfNoEntry: false });
    if (entry === undefined) return undefined;
    if (entry.size > mostBytes) throw tooLarge(file, entry.size, mostBytes);
    bytes = readFileSync(file);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw mmcompatErrors.UNREADABLE({
      subject: file,
      expected: 'a file that can be read',
      received: error.message,
      action: 'check what the path leads to and its permissions',
      cause: error,
    });
  }
  return decodeText(bytes, file);
}

export function tooLarge(file: string, size: number, most: number): Error {
  return mmcompatErrors.TOO_LARGE({
    subject: file,
    expected: `a config of at most ${most} bytes`,
    received: `${size} bytes`,
    action: 'check that this is a config; data belongs into files of its own',
  });
}

/** @throws `ENGINE_MMCOMPAT_NOT_UTF8` */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return normalizeNewlines(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw mmcompatErrors.NOT_UTF8({
      subject: file,
      expected: 'UTF-8 text',
      received: 'bytes that are none',
      action: 'save the file as UTF-8',
      at: { file },
      cause: error,
    });
  }
}

/** A config inside `SITE/package/.mim/` can name the packages of that site. */
function siteOf(file: string): string[] {
  const at = file.replaceAll('\\', '/').lastIndexOf('/.mim/');
  return at === -1 ? [] : [dirname(file.slice(0, at))];
}

function virtualSites(environment: string | undefined): string[] {
  if (environment === undefined || environment === '') return [];
  const lib = join(environment, 'lib');
  const versions = existsSync(lib) ? readdirSync(lib).filter((name) => name.startsWith('python')) : [];
  return [...versions.map((name) => join(lib, name, 'site-packages')), join(environment, 'Lib', 'site-packages')];
}
