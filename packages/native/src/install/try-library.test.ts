import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLibrary } from '../find-library.js';
import { here, libraryFiles, type Surroundings } from '../folders.js';
import { type TestFolder, testFolder } from '../testing/folder.js';
import { tryLibrary } from './try-library.js';

let folder: TestFolder;
beforeEach(() => {
  folder = testFolder();
});
afterEach(() => folder.remove());

const at = (env: Record<string, string> = {}): Surroundings => ({
  ...here(),
  env: { ENGINE_LIBRARIES: folder.path, ...env },
  home: folder.path,
});

describe('tryLibrary', () => {
  it('says what to type where there is none', () => {
    expect(tryLibrary(at())).toEqual({
      what: 'TensorFlow',
      state: 'note',
      found: 'no library',
      action: expect.stringContaining('engine backend install node'),
    });
  });

  it('says why one cannot be loaded, and what to do', () => {
    for (const file of libraryFiles(process.platform)) folder.write(file, 'not a library');
    expect(tryLibrary(at({ TENSORFLOW_LIB_DIR: folder.path }))).toMatchObject({
      state: 'note',
      found: expect.stringMatching(/^cannot be loaded: .+/),
      action: expect.stringMatching(/.+/),
    });
    expect(tryLibrary(at({ TENSORFLOW_LIB_DIR: '/nowhere/at/all' }))).toMatchObject({
      found: expect.stringContaining('/nowhere/at/all'),
    });
  });

  it.skipIf(findLibrary('node') === undefined)('says its version and the devices that it sees', () => {
    expect(tryLibrary()).toEqual({
      what: 'TensorFlow',
      state: 'ok',
      found: expect.stringMatching(/^\d+\.\d+\.\d+ on cpu:0/),
    });
  });
});
