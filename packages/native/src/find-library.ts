import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nativeErrors } from './errors.js';
import type { Flavour } from './flavours.js';
import { cacheFolder, here, holdsLibrary, installName, libraryFiles, type Surroundings } from './folders.js';
import { pinsFor, TENSORFLOW_VERSION } from './pins.js';

export interface FoundLibrary {
  /** The folder with the library's files. */
  readonly folder: string;
  readonly platform: string;
  readonly from: 'TENSORFLOW_LIB_DIR' | 'installed' | 'Python';
}

/** Where the library is below a folder that somebody takes for the library's: in a wheel, in an archive. */
const BELOW = ['tensorflow', 'lib'];

export const libraryPath = ({ folder, platform }: FoundLibrary): string => join(folder, libraryFiles(platform)[0]);

/**
 * Looks for a library: `TENSORFLOW_LIB_DIR`, then what `engine backend install` has put into the cache, then the active Python
 * environment (`VIRTUAL_ENV`, `CONDA_PREFIX`). A cuda library serves a node backend as well.
 * @throws `ENGINE_NATIVE_NO_LIBRARY` when `TENSORFLOW_LIB_DIR` is set but holds none
 */
export function findLibrary(flavour: Flavour, surroundings: Surroundings = here()): FoundLibrary | undefined {
  const { env, platform } = surroundings;
  const given = env['TENSORFLOW_LIB_DIR'];
  if (given !== undefined && given !== '') {
    const folder = [given, ...BELOW.map((name) => join(given, name))].find((each) => holdsLibrary(each, platform));
    if (folder === undefined) throw notInGiven(given, platform);
    return { folder, platform, from: 'TENSORFLOW_LIB_DIR' };
  }
  const wanted: readonly Flavour[] = flavour === 'node' ? ['node', 'cuda'] : ['cuda'];
  for (const each of wanted) {
    const name = installName(each, TENSORFLOW_VERSION, surroundings);
    const folder = join(cacheFolder(surroundings), name, 'tensorflow');
    if (holdsLibrary(folder, platform)) return { folder, platform, from: 'installed' };
  }
  const folder = pythonFolders(surroundings).find((each) => holdsLibrary(each, platform));
  return folder === undefined ? undefined : { folder, platform, from: 'Python' };
}

/** Where the active Python environments would have TensorFlow. */
export function pythonFolders({ env, platform }: Surroundings): string[] {
  const prefixes = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']].filter(
    (prefix): prefix is string => prefix !== undefined && prefix !== '',
  );
  return prefixes.flatMap((prefix) => {
    if (platform === 'win32') return [join(prefix, 'Lib', 'site-packages', 'tensorflow')];
    return pythonsIn(join(prefix, 'lib')).map((lib) => join(lib, 'site-packages', 'tensorflow'));
  });
}

function pythonsIn(lib: string): string[] {
  try {
    return readdirSync(lib)
      .filter((name) => /^python3\.\d+$/.test(name))
      .sort()
      .reverse()
      .map((name) => join(lib, name));
  } catch {
    return [];
  }
}

/** @throws `ENGINE_NATIVE_NO_LIBRARY`; where none can be installed either, `ENGINE_NATIVE_NO_C_API` or `ENGINE_NATIVE_PLATFORM` */
export function requireLibrary(flavour: Flavour, surroundings: Surroundings = here()): FoundLibrary {
  const found = findLibrary(flavour, surroundings);
  if (found !== undefined) return found;
  pinsFor(flavour, surroundings.platform, surroundings.arch);
  throw nativeErrors.NO_LIBRARY({
    subject: `backend ${flavour}`,
    expected: `a TensorFlow library: TENSORFLOW_LIB_DIR, ${cacheFolder(surroundings)}, or a Python environment with TensorFlow`,
    received: 'none',
    action: `engine backend install ${flavour}`,
  });
}

function notInGiven(given: string, platform: string): Error {
  return nativeErrors.NO_LIBRARY({
    subject: 'TENSORFLOW_LIB_DIR',
    expected: `a folder with ${libraryFiles(platform).join(' and ')}`,
    received: `TENSORFLOW_LIB_DIR = ${given}, nearest folder ${dirname(given)}`,
    action:
      platform === 'win32'
        ? 'correct the variable, or unset it and stay with the wasm backend'
        : 'correct the variable, or unset it and run engine backend install node',
  });
}
