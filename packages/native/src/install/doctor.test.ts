import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installName, libraryFiles, type Surroundings } from '../folders.js';
import { type TestFolder, testFolder } from '../testing/folder.js';
import { examineNative, glibcFinding, gpuFinding, type NativeFinding } from './doctor.js';

let folder: TestFolder;
beforeEach(() => {
  folder = testFolder();
});
afterEach(() => folder.remove());

const linux = (env: Record<string, string> = {}): Surroundings => ({
  env: { ENGINE_LIBRARIES: folder.path, PATH: folder.path, PIP_CONFIG_FILE: join(folder.path, 'none'), ...env },
  platform: 'linux',
  arch: 'x64',
  home: folder.path,
});
const about = async (what: string, surroundings: Surroundings): Promise<NativeFinding | undefined> =>
  (await examineNative(surroundings)).find((finding) => finding.what === what);

describe('examineNative', () => {
  it('says what to type on an empty machine', async () => {
    expect(await about('library for node', linux())).toEqual({
      what: 'library for node',
      state: 'missing',
      found: 'none',
      action: 'engine backend install node',
    });
    expect(await about('package index', linux())).toMatchObject({
      state: 'note',
      action: expect.stringContaining('--index'),
    });
  });

  it('shows what is installed, its size and the libraries of CUDA', async () => {
    const name = installName('cuda', '2.21.0', linux());
    for (const file of libraryFiles('linux')) folder.write(join(name, 'tensorflow', file), 'x');
    folder.write(join(name, 'nvidia', 'cublas', 'lib', 'libcublas.so.12'), 'x');
    folder.write(join(name, 'library.json'), '{"flavour":"cuda","version":"2.21.0"}');
    const findings = await examineNative(linux());
    const found = (what: string): string | undefined => findings.find((finding) => finding.what === what)?.found;
    expect(found('installed cuda')).toContain('TensorFlow 2.21.0, 0.00 GB');
    expect(found('CUDA libraries')).toBe('cublas');
    expect(found('library for node')).toContain('(installed)');
  });

  it('names the index without its password', async () => {
    const finding = await about('package index', linux({ PIP_INDEX_URL: 'http://me:secret@127.0.0.1/simple' }));
    expect(finding?.found).toBe('http://***@127.0.0.1/simple (PIP_INDEX_URL)');
  });

  it('says that a system has no library, and what is wrong with TENSORFLOW_LIB_DIR', async () => {
    const windows: Surroundings = { ...linux(), platform: 'win32' };
    expect(await about('library for node', windows)).toMatchObject({
      state: 'missing',
      found: expect.stringContaining('for Windows export none of it'),
      action: expect.stringContaining('wasm'),
    });
    const wrong = linux({ TENSORFLOW_LIB_DIR: '/nowhere/at/all' });
    expect((await about('library for node', wrong))?.found).toContain('TENSORFLOW_LIB_DIR = /nowhere/at/all');
  });

  it('marks systems on which nobody has run it, and knows which macOS is needed', async () => {
    expect(await about('system', linux())).toBeUndefined();
    const mac = (release: string): Surroundings => ({ ...linux(), platform: 'darwin', arch: 'arm64', release });
    expect(await about('system', mac('24.1.0'))).toMatchObject({
      state: 'note',
      found: 'darwin-arm64: written down, untested',
    });
    expect(await about('macOS', mac('24.1.0'))).toMatchObject({ state: 'ok' });
    expect(await about('macOS', mac('20.6.0'))).toMatchObject({ state: 'missing', action: expect.anything() });
    expect(await about('library for node', mac('24.1.0'))).toMatchObject({ action: 'engine backend install node' });
    expect(await about('C library', mac('24.1.0'))).toBeUndefined();
  });

  it('says which module calls C functions is missing', async () => {
    const finding = await about('calls of C functions', { ...linux(), platform: 'plan9' });
    expect(finding).toMatchObject({ state: 'missing', action: 'npm i @koromix/koffi-plan9-x64' });
  });
});

describe('glibcFinding', () => {
  it.each([
    ['2.27', 'ok'],
    ['2.41', 'ok'],
    ['3.0', 'ok'],
    ['2.17', 'missing'],
    [undefined, 'missing'],
  ])('of %s is %s', (version, state) => {
    expect(glibcFinding(version).state).toBe(state);
  });
});

describe('gpuFinding', () => {
  it('tells a driver that will do from one that is too old', () => {
    expect(gpuFinding('NVIDIA A100, 40960 MiB, 550.54.15')).toEqual({
      what: 'NVIDIA GPU',
      state: 'ok',
      found: 'NVIDIA A100, 40960 MiB, 550.54.15',
    });
    expect(gpuFinding('Tesla V100, 16160 MiB, 470.57.02')).toMatchObject({
      state: 'missing',
      found: expect.stringContaining('525.60.13 or newer'),
      action: expect.stringContaining('update the driver'),
    });
  });
});
