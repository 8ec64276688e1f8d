import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Flavour } from './flavours.js';

/** What decides where things lie; the process's own by default. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly arch: string;
  readonly home: string;
}

export const here = (): Surroundings => ({
  env: process.env,
  platform: process.platform,
  arch: process.arch,
  home: homedir(),
});

/** The per-user folder in which installed libraries lie, shared by all projects. `ENGINE_LIBRARIES` puts it elsewhere. */
export function cacheFolder({ env, platform, home }: Surroundings): string {
  const given = env['ENGINE_LIBRARIES'];
  if (given !== undefined && given !== '') return given;
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'engine', 'native');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'engine', 'native');
  return join(env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'engine', 'native');
}

/** `node-2.21.0-linux-x64`. */
export const installName = (flavour: Flavour, version: string, { platform, arch }: Surroundings): string =>
  `${flavour}-${version}-${platform}-${arch}`;

/** The files of the library, the one to open first; the others are found beside it by its own run path. */
export function libraryFiles(platform: string): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'];
  if (platform === 'win32') return ['tensorflow_cc.dll', 'tensorflow_framework.dll'];
  return ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
}

/** Whether a folder holds all files of the library. */
export const holdsLibrary = (folder: string, platform: string): boolean =>
  libraryFiles(platform).every((file) => existsSync(join(folder, file)));
