import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLibrary, libraryPath, requireLibrary } from './find-library.js';
import { cacheFolder, installName, libraryFiles, type Surroundings } from './folders.js';
import { TENSORFLOW_VERSION } from './pins.js';
import { type TestFolder, testFolder } from './testing/folder.js';

let folder: TestFolder;
beforeEach(() => {
  folder = testFolder();
});
afterEach(() => folder.remove());

const linux = (env: Record<string, string> = {}): Surroundings => ({
  env: { ENGINE_LIBRARIES: join(folder.path, 'cache'), ...env },
  platform: 'linux',
  arch: 'x64',
  home: folder.path,
});

function putLibrary(where: string, platform = 'linux'): string {
  for (const file of libraryFiles(platform)) folder.write(join(where, file));
  return join(folder.path, where);
}

const installed = (flavour: 'node' | 'cuda'): string =>
  join('cache', `${flavour}-${TENSORFLOW_VERSION}-linux-x64`, 'tensorflow');
const site = join('lib', 'python3.12', 'site-packages', 'tensorflow');

describe('findLibrary', () => {
  it('finds none on an empty machine, and says what to type', () => {
    expect(findLibrary('node', linux())).toBeUndefined();
    expect(() => requireLibrary('cuda', linux())).toThrow(
      expect.objectContaining({ code: 'ENGINE_NATIVE_NO_LIBRARY', action: 'engine backend install cuda', exitCode: 2 }),
    );
  });

  it('prefers TENSORFLOW_LIB_DIR, then what is installed, then Python', () => {
    const python = putLibrary(join('venv', site));
    const env = { VIRTUAL_ENV: join(folder.path, 'venv') };
    expect(findLibrary('node', linux(env))).toEqual({ folder: python, platform: 'linux', from: 'Python' });
    const cached = putLibrary(installed('node'));
    expect(findLibrary('node', linux(env))).toMatchObject({ folder: cached, from: 'installed' });
    const given = putLibrary('own');
    expect(findLibrary('node', linux({ ...env, TENSORFLOW_LIB_DIR: given }))).toMatchObject({
      folder: given,
      from: 'TENSORFLOW_LIB_DIR',
    });
  });

  it('takes the folder above the library for TENSORFLOW_LIB_DIR too', () => {
    const given = putLibrary(join('own', 'tensorflow'));
    const found = findLibrary('node', linux({ TENSORFLOW_LIB_DIR: join(folder.path, 'own') }));
    expect(found?.folder).toBe(given);
    expect(libraryPath(found as NonNullable<typeof found>)).toBe(join(given, 'libtensorflow_cc.so.2'));
  });

  it('is an error for a TENSORFLOW_LIB_DIR that holds half of it', () => {
    folder.write(join('own', 'libtensorflow_cc.so.2'));
    expect(() => findLibrary('node', linux({ TENSORFLOW_LIB_DIR: join(folder.path, 'own') }))).toThrow(
      /ENGINE_NATIVE_NO_LIBRARY {2}TENSORFLOW_LIB_DIR[\s\S]*libtensorflow_framework\.so\.2/,
    );
  });

  it('lets a cuda library serve the node backend, not the other way round', () => {
    putLibrary(installed('node'));
    expect(findLibrary('cuda', linux())).toBeUndefined();
    folder.remove();
    putLibrary(installed('cuda'));
    expect(findLibrary('node', linux())?.from).toBe('installed');
  });

  it('looks into conda, newest Python first, and survives folders that do not exist', () => {
    putLibrary(join('conda', 'lib', 'python3.10', 'site-packages', 'tensorflow'));
    const newest = putLibrary(join('conda', site));
    const env = { VIRTUAL_ENV: '/nowhere/at/all', CONDA_PREFIX: join(folder.path, 'conda') };
    expect(findLibrary('node', linux(env))?.folder).toBe(newest);
  });

  it('knows the names of other systems', () => {
    const mac: Surroundings = { ...linux({}), platform: 'darwin', arch: 'arm64' };
    const at = putLibrary(join('cache', installName('node', TENSORFLOW_VERSION, mac), 'tensorflow'), 'darwin');
    expect(findLibrary('node', mac)).toEqual({ folder: at, platform: 'darwin', from: 'installed' });
  });

  it("takes TensorFlow's C library on Windows, and says that no wheel has it", () => {
    const windows = (env: Record<string, string> = {}): Surroundings => ({ ...linux(env), platform: 'win32' });
    const given = putLibrary(join('c', 'lib'), 'win32');
    const found = findLibrary('node', windows({ TENSORFLOW_LIB_DIR: join(folder.path, 'c') }));
    expect(libraryPath(found as NonNullable<typeof found>)).toBe(join(given, 'tensorflow.dll'));
    folder.write(join('venv', 'Lib', 'site-packages', 'tensorflow', 'tensorflow_cc.2.dll'));
    expect(() => requireLibrary('node', windows({ VIRTUAL_ENV: join(folder.path, 'venv') }))).toThrow(
      expect.objectContaining({ code: 'ENGINE_NATIVE_NO_C_API' }),
    );
    expect(() => findLibrary('node', windows({ TENSORFLOW_LIB_DIR: folder.path }))).toThrow(
      expect.objectContaining({ code: 'ENGINE_NATIVE_NO_LIBRARY', action: expect.stringContaining('wasm') }),
    );
  });
});

describe('cacheFolder', () => {
  const on = (platform: string, env: Record<string, string> = {}): string =>
    cacheFolder({ env, platform, arch: 'x64', home: '/home/me' });

  it('is where each system keeps what can be fetched again', () => {
    expect(on('linux')).toBe('/home/me/.cache/engine/native');
    expect(on('linux', { XDG_CACHE_HOME: '/big' })).toBe('/big/engine/native');
    expect(on('darwin')).toBe('/home/me/Library/Caches/engine/native');
    expect(on('win32', { LOCALAPPDATA: '/local' })).toBe('/local/engine/native');
    expect(on('win32', { LOCALAPPDATA: '' })).toBe('/home/me/AppData/Local/engine/native');
    expect(on('linux', { XDG_CACHE_HOME: '' })).toBe('/home/me/.cache/engine/native');
    expect(on('linux', { ENGINE_LIBRARIES: '/mine' })).toBe('/mine');
  });
});
