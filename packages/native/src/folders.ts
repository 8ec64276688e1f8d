import { existsSync } from 'node:fs';
import { homedir, release } from 'node:os';
import { join } from 'node:path';
import type { Flavour } from './flavours.js';

/** What decides where things lie; the process's own by default. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly arch: string;
  readonly home: string;
  /** Of the operating system's kernel. */
  readonly release?: string;
}

export const here = (): Surroundings => ({
  env: process.env,
  platform: process.platform,
  arch: process.arch,
  home: homedir(),
  release: release(),
});

/** The per-user folder in which installed libraries lie, shared by all projects. `ENGINE_LIBRARIES` puts it elsewhere. */
export function cacheFolder({ env, platform, home }: Surroundings): string {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const own = given('ENGINE_LIBRARIES');
  if (own !== undefined) return own;
  if (platform === 'win32') return join(given('LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), 'engine', 'native');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'engine', 'native');
  return join(given('XDG_CACHE_HOME') ?? join(home, '.cache'), 'engine', 'native');
}

/** `node-2.21.0-linux-x64`. */
export const installName = (flavour: Flavour, version: string, { platform, arch }: Surroundings): string =>
  `${flavour}-${version}-${platform}-${arch}`;

/**
 * The files of the library, the one to open first; the others are found beside it by its own run path. On Windows the C library that
 * TensorFlow publishes by itself, in one file: its wheels there have none (see `pins.ts`).
 */
export function libraryFiles(platform: string): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'];
  if (platform === 'win32') return ['tensorflow.dll'];
  return ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
}

/** Whether a folder holds all files of the library. */
export const holdsLibrary = (folder: string, platform: string): boolean =>
  libraryFiles(platform).every((file) => existsSync(join(folder, file)));
