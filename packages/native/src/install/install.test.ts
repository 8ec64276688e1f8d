import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLibrary } from '../find-library.js';
import type { Surroundings } from '../folders.js';
import { type TestFolder, testFolder } from '../testing/folder.js';
import { type FakeIndex, type FakeIndexOptions, FILE, fakeIndex, pinOf, smallWheel, zip } from '../testing/wheel.js';
import { listLibraries, removeLibrary } from './cache.js';
import { diskError } from './disk.js';
import { type Installation, type InstallOptions, installLibrary, type Progress } from './install.js';

const { content, pins } = smallWheel();
let folder: TestFolder;
let index: FakeIndex | undefined;
const cache = (): string => join(folder.path, 'cache');
const surroundings = (env: Record<string, string> = {}): Surroundings => ({
  env: {
    ENGINE_LIBRARIES: cache(),
    PATH: join(folder.path, 'no-programs'),
    PIP_CONFIG_FILE: join(folder.path, 'pip.conf'),
    ...env,
  },
  platform: 'linux',
  arch: 'x64',
  home: folder.path,
});

beforeEach(() => {
  folder = testFolder();
});
afterEach(async () => {
  await index?.close();
  index = undefined;
  folder.remove();
});

const serve = async (options: Partial<FakeIndexOptions> = {}): Promise<string> => {
  index = await fakeIndex({ files: { [FILE]: content }, ...options });
  return index.url;
};
const install = (options: Partial<InstallOptions> = {}): Promise<Installation> =>
  installLibrary({ flavour: 'node', pins, pip: false, surroundings: surroundings(), ...options });
const left = (): string[] => (existsSync(cache()) ? readdirSync(cache()).sort() : []);

describe('installLibrary', () => {
  it.each(['json', 'html'] as const)(
    'fetches, verifies and unpacks the libraries alone, from a page in %s',
    async (page) => {
      const steps: Progress[] = [];
      const url = await serve({ page });
      const { folder: at, how } = await install({ index: url, onProgress: (step) => steps.push(step) });
      expect(how).toBe('installed');
      expect(readdirSync(at).sort()).toEqual(['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']);
      expect(readFileSync(join(at, 'libtensorflow_cc.so.2'))).toEqual(Buffer.alloc(100_000, 'cc '));
      expect(left()).toEqual(['node-2.21.0-linux-x64']);
      expect(new Set(steps.map(({ what }) => what))).toEqual(new Set(['fetch', 'verify', 'unpack']));
      expect(steps).toContainEqual({ what: 'fetch', file: FILE, done: content.length, total: content.length });
      expect(findLibrary('node', surroundings())).toMatchObject({ folder: at, from: 'installed' });
      expect(listLibraries(cache())).toEqual([
        expect.objectContaining({ flavour: 'node', version: '2.21.0', wheels: [FILE] }),
      ]);
    },
  );

  it('takes the files of a Mac out of its wheel, and no others', async () => {
    const name = 'tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl';
    const wheel = zip([
      { name: 'tensorflow/libtensorflow_cc.2.dylib', content: 'cc' },
      { name: 'tensorflow/libtensorflow_framework.2.dylib', content: 'framework' },
      { name: 'tensorflow/THIRD_PARTY_NOTICES.txt', content: 'notices' },
      { name: 'tensorflow/python/lib_pywrap_tensorflow_common.dylib', content: 'not wanted' },
      { name: 'tensorflow/libtensorflow_cc.so.2', content: 'of another system' },
    ]);
    const { folder: at } = await install({
      fromWheel: [folder.write(name, wheel)],
      pins: { library: pinOf(name, wheel), alternatives: [], companions: [] },
      surroundings: { ...surroundings({}), platform: 'darwin', arch: 'arm64' },
      dir: cache(),
    });
    expect(at).toBe(join(cache(), 'node-2.21.0-darwin-arm64', 'tensorflow'));
    expect(readdirSync(at).sort()).toEqual([
      'THIRD_PARTY_NOTICES.txt',
      'libtensorflow_cc.2.dylib',
      'libtensorflow_framework.2.dylib',
    ]);
  });

  it('is ENGINE_NATIVE_NO_C_API on Windows before anything is fetched', async () => {
    const windows = { ...surroundings(), platform: 'win32' };
    const url = await serve();
    await expect(install({ pins: undefined, index: url, surroundings: windows })).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_NO_C_API',
    });
    expect(index?.asked).toEqual([]);
    expect(left()).toEqual([]);
  });

  it('keeps licences', async () => {
    const { folder: at } = await install({ index: await serve() });
    const licence = join(at, '..', 'tensorflow_cpu-2.21.0.dist-info', 'licenses', 'LICENSE');
    expect(readFileSync(licence, 'utf8')).toBe('Apache');
  });

  it('does nothing the second time', async () => {
    const url = await serve();
    await install({ index: url });
    const before = index?.asked.length;
    expect((await install({ index: url })).how).toBe('existing');
    expect(index?.asked.length).toBe(before);
  });

  it('goes on where a broken connection stopped', async () => {
    const url = await serve({ breaksAfter: 1000 });
    await expect(install({ index: url })).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_DOWNLOAD_FAILED',
      exitCode: 1,
      received: expect.stringMatching(/^\d+ of \d+ bytes/),
    });
    expect(left()).toEqual(['downloads']);
    expect((await install({ index: url })).how).toBe('installed');
    expect(index?.asked.at(-1)).toMatch(/bytes=1000-$/);
  });

  it('finds the index in PIP_INDEX_URL and in the configuration of pip', async () => {
    const url = await serve();
    await install({ surroundings: surroundings({ PIP_INDEX_URL: url }) });
    await removeLibrary('node', surroundings());
    writeFileSync(join(folder.path, 'pip.conf'), `[global]\nindex-url = ${url}\n`);
    expect((await install()).how).toBe('installed');
  });

  it('sends a password, and never shows it', async () => {
    const url = await serve({ password: 'secret' });
    expect((await install({ index: url })).how).toBe('installed');
    await removeLibrary('node', surroundings());
    const wrong = await install({ index: url.replace('secret', 'wrong-word') }).catch(
      (error: unknown) => error as Error,
    );
    expect(wrong).toMatchObject({ code: 'ENGINE_NATIVE_INDEX_FAILED', received: 'HTTP 401' });
    expect(String(wrong)).not.toContain('wrong-word');
  });

  it('is ENGINE_NATIVE_NO_INDEX with the two commands that fix it where nobody knows one', async () => {
    await expect(install({ pip: true })).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_NO_INDEX',
      exitCode: 2,
      action: expect.stringMatching(/--index ADDRESS.*pip download --no-deps tensorflow-cpu==2\.21\.0.*--from-wheel/),
    });
  });

  it.each([
    ['an index that is not there', 'http://127.0.0.1:9/simple', /ECONNREFUSED|fetch failed/],
    ['something that is no address', 'nonsense', /Invalid URL/],
  ])('is ENGINE_NATIVE_INDEX_FAILED for %s', async (_what, url, reason) => {
    await expect(install({ index: url })).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_INDEX_FAILED',
      received: expect.stringMatching(reason),
    });
  });

  it('is ENGINE_NATIVE_INDEX_FAILED for an index without the wheel', async () => {
    await expect(install({ index: await serve({ files: { 'other.whl': content } }) })).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_INDEX_FAILED',
      received: '1 files, not this one',
    });
  });

  it('is ENGINE_NATIVE_OFFLINE without a wheel, and installs one that was fetched before', async () => {
    await expect(install({ offline: true })).rejects.toMatchObject({ code: 'ENGINE_NATIVE_OFFLINE', exitCode: 2 });
    folder.write(join('cache', 'downloads', FILE), content);
    expect((await install({ offline: true })).how).toBe('installed');
  });

  it('takes a wheel at hand, whatever its name, into a folder of its own', async () => {
    const file = folder.write('mine.whl', content);
    const dir = join(folder.path, 'own');
    const { folder: at } = await install({ fromWheel: [file], dir, offline: true });
    expect(at).toBe(join(dir, 'node-2.21.0-linux-x64', 'tensorflow'));
    expect(existsSync(file)).toBe(true);
    expect(left()).toEqual([]);
  });

  it('is ENGINE_NATIVE_FILE_NOT_FOUND for a wheel that is not there', async () => {
    await expect(install({ fromWheel: ['/nowhere/x.whl'] })).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_FILE_NOT_FOUND',
      received: expect.stringContaining('/nowhere/x.whl'),
    });
  });

  it.each([
    ['is cut off', content.subarray(0, 2000)],
    ['was tampered with', Buffer.from(content.map((byte, i) => (i === 500 ? byte ^ 1 : byte)))],
    ['is empty', Buffer.alloc(0)],
  ])('is ENGINE_NATIVE_CHECKSUM for a wheel that %s, and installs nothing', async (_what, wrong) => {
    const url = await serve({ files: { [FILE]: wrong } });
    await expect(install({ index: url })).rejects.toMatchObject({ code: 'ENGINE_NATIVE_CHECKSUM', exitCode: 2 });
    expect(readdirSync(join(cache(), 'downloads'))).toEqual([]);
    expect(findLibrary('node', surroundings())).toBeUndefined();
    const file = folder.write('wrong.whl', wrong);
    await expect(install({ fromWheel: [file] })).rejects.toMatchObject({ code: 'ENGINE_NATIVE_CHECKSUM' });
  });

  it('is ENGINE_NATIVE_BAD_WHEEL for a pinned wheel without the libraries, and leaves nothing behind', async () => {
    const bare = zip([{ name: 'tensorflow/libtensorflow_cc.so.2', content: 'half' }]);
    const file = folder.write('bare.whl', bare);
    const own = { library: pinOf(FILE, bare), alternatives: [], companions: [] };
    await expect(install({ fromWheel: [file], pins: own })).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_BAD_WHEEL',
      received: expect.stringContaining('libtensorflow_framework.so.2'),
    });
    expect(left()).toEqual([]);
  });

  it('puts companions beside the library and fetches those that are missing', async () => {
    const name = 'tensorflow_cpu-9-cp311-cp311-manylinux_2_27_x86_64.whl';
    const blas = zip([
      { name: 'nvidia/cublas/lib/libcublas.so.12', content: 'blas' },
      { name: 'nvidia/cublas/x.py', content: '' },
    ]);
    const both = { ...pins, companions: [pinOf(name, blas)] };
    const url = await serve({ files: { [name]: blas } });
    const { folder: at } = await install({ fromWheel: [folder.write('tf.whl', content)], pins: both, index: url });
    expect(readdirSync(join(at, '..', 'nvidia', 'cublas'))).toEqual(['lib']);
    expect(listLibraries(cache())[0]?.wheels).toEqual([FILE, name]);
  });

  it('is ENGINE_NATIVE_CACHE_UNWRITABLE where the folder cannot be', async () => {
    const file = folder.write('a-file');
    await expect(install({ dir: join(file, 'below'), index: await serve() })).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_CACHE_UNWRITABLE',
      exitCode: 1,
    });
  });

  it('is ENGINE_NATIVE_NO_SPACE on a full disk', () => {
    let full: unknown;
    try {
      writeFileSync('/dev/full', 'x'); // a device that is always full
    } catch (error) {
      full = error;
    }
    expect(diskError(full, '/cache')).toMatchObject({ code: 'ENGINE_NATIVE_NO_SPACE', subject: '/cache' });
    const other = new Error('other');
    expect(diskError(other, '/cache')).toBe(other);
  });
});

describe('listLibraries and removeLibrary', () => {
  it('leave out what is half-written, and clear it away', async () => {
    folder.write(join('cache', 'node-1-linux-x64.partial-7', 'library.json'), '{"flavour":"node","version":"1"}');
    folder.write(join('cache', 'other', 'library.json'), '{"flavour":"nope","version":"1"}');
    folder.write(join('cache', 'broken', 'library.json'), '{');
    await install({ index: await serve() });
    expect(listLibraries(cache()).map(({ flavour }) => flavour)).toEqual(['node']);
    expect(await removeLibrary('cuda', surroundings())).toEqual([]);
    expect(await removeLibrary('node', surroundings())).toHaveLength(1);
    expect(left()).toEqual(['broken', 'other']);
    expect(listLibraries('/nowhere/at/all')).toEqual([]);
  });
});
