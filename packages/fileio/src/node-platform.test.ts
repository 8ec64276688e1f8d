import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from './node-platform.js';

let root: string;
const add = async (path: string, content: string | object) => {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'engine-platform-'));
  await add('project/local.mjs', 'export const where = "local";');
  await add('project/broken.mjs', 'throw new TypeError("from inside");');
  await add('node_modules/esm-only/package.json', {
    type: 'module',
    exports: {
      '.': { types: './x.d.ts', import: './main.js' },
      './sub/*': { node: [null, './sub/*.js'] },
      './none': { browser: './b.js' },
    },
  });
  await add('node_modules/esm-only/main.js', 'export const where = "esm-only";');
  await add('node_modules/esm-only/sub/a.js', 'export const where = "sub/a";');
  await add('node_modules/@scope/plain/package.json', { main: 'index.cjs' });
  await add('node_modules/@scope/plain/index.cjs', 'exports.where = "plain";');
  await add('project/node_modules/sugar/package.json', { type: 'module', exports: './s.js' });
  await add('project/node_modules/sugar/s.js', 'export const where = "sugar";');
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('nodePlatform.import', () => {
  const from = () => join(root, 'project', 'config.ts');

  it.each([
    ['./local.mjs', 'local'],
    ['../project/local.mjs', 'local'],
    ['esm-only', 'esm-only'],
    ['esm-only/sub/a', 'sub/a'],
    ['@scope/plain', 'plain'],
    ['sugar', 'sugar'],
  ])('finds %s from where it is named', async (specifier, where) => {
    expect(await nodePlatform.import(specifier, from())).toMatchObject({ where });
    expect(await nodePlatform.import(specifier, pathToFileURL(from()).href)).toMatchObject({ where });
  });

  it('takes absolute paths, URIs and built-in modules', async () => {
    const file = join(root, 'project', 'local.mjs');
    expect(await nodePlatform.import(file)).toMatchObject({ where: 'local' });
    expect(await nodePlatform.import(pathToFileURL(file).href)).toMatchObject({ where: 'local' });
    expect(await nodePlatform.import('node:path')).toHaveProperty('join');
    expect(await nodePlatform.import('path', from())).toHaveProperty('join');
  });

  it.each([
    './absent.mjs',
    '/absent/module.mjs',
    'no-such-package',
    '@no/such',
    'esm-only/none',
    'esm-only/sub/absent',
    'sugar/inner',
  ])('says what to do about %s', async (specifier) => {
    await expect(nodePlatform.import(specifier, from())).rejects.toThrow('ENGINE_FILEIO_MODULE_NOT_FOUND');
  });

  it('names the package to install', async () => {
    await expect(nodePlatform.import('@no/such/deep', from())).rejects.toThrow('npm i @no/such');
  });

  it('passes on what a module throws', async () => {
    await expect(nodePlatform.import('./broken.mjs', from())).rejects.toThrow('from inside');
  });
});

describe('nodePlatform', () => {
  it('tells clocks, cores, memory and facts', async () => {
    expect(Math.abs(nodePlatform.now() - Date.now())).toBeLessThan(1000);
    const before = nodePlatform.monotonic();
    await nodePlatform.yieldToEventLoop();
    expect(nodePlatform.monotonic()).toBeGreaterThan(before);
    expect(nodePlatform.cpuCount()).toBeGreaterThanOrEqual(1);
    expect(nodePlatform.residentBytes()).toBeGreaterThan(1e6);
    expect(nodePlatform.describe()).toMatchObject({
      node: process.versions.node,
      memory: expect.stringMatching(/^\d+ GiB$/),
    });
    expect(nodePlatform.env('PATH')).toBe(process.env.PATH);
    expect(nodePlatform.env('ENGINE_NO_SUCH_VARIABLE')).toBeUndefined();
  });

  it('lets timers run', async () => {
    const timer = { ran: false };
    setTimeout(() => {
      timer.ran = true;
    }, 0);
    const deadline = nodePlatform.monotonic() + 5000;
    while (!timer.ran && nodePlatform.monotonic() < deadline) await nodePlatform.yieldToEventLoop();
    expect(timer.ran).toBe(true);
  });

  it('hears signals until it is told not to', async () => {
    let heard = 0;
    const off = nodePlatform.onSignal('SIGTERM', () => {
      heard += 1;
    });
    const keepAlive = nodePlatform.onSignal('SIGTERM', () => {});
    process.emit('SIGTERM');
    off();
    process.emit('SIGTERM');
    keepAlive();
    expect(heard).toBe(1);
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });
});
