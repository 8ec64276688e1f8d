import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type EngineError, type Logger, silentLogger } from '@engine/core';
import { FileServer } from '@engine/fileio/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CIFAR10 } from './cifar.js';
import { type DownloadPlan, downloadFiles } from './download-files.js';
import { FashionMNIST } from './fashion-mnist.js';
import { MNIST } from './mnist.js';
import { idxFile } from './testing/index.js';

let server: FileServer;
let folder: string;
beforeEach(async () => {
  server = await FileServer.start();
  folder = await mkdtemp(join(tmpdir(), 'engine-datasets-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const content = new Uint8Array(5000).fill(3);
const file = { name: 'a.bin', md5: createHash('md5').update(content).digest('hex') };
const plan = (change: Partial<DownloadPlan> = {}): DownloadPlan => ({
  dataset: 'Tiny',
  files: [file],
  folder,
  mirrors: [server.url('/one/'), server.url('/two')],
  ...change,
});

describe('downloadFiles', () => {
  it('takes the first mirror that has a file, and says what it does', async () => {
    server.put('/two/a.bin', content);
    const lines: string[] = [];
    const logger: Logger = { ...silentLogger, info: (line) => void lines.push(line) };
    await downloadFiles(plan({ logger }));
    expect(await readdir(folder)).toEqual(['a.bin']);
    expect(lines).toEqual([`Downloading ${server.url('/two/a.bin')} (0.0 MB)`]);
    await downloadFiles(plan());
    expect(server.requests.map(({ path }) => path)).toEqual(['/one/a.bin', '/two/a.bin']);
  });

  it('passes over a mirror whose file is another one', async () => {
    server.put('/one/a.bin', 'an error page');
    server.put('/two/a.bin', content);
    await downloadFiles(plan());
    expect(await readdir(folder)).toEqual(['a.bin']);
  });

  it('tells what was wrong with each', async () => {
    server.put('/two/a.bin', 'damaged');
    const error = (await downloadFiles(plan()).catch((reason: unknown) => reason)) as EngineError;
    expect(error.code).toBe('ENGINE_VISION_DOWNLOAD_FAILED');
    expect(error.received).toMatch(/one\/a\.bin: 404[^]*; [^]*two\/a\.bin: md5 [0-9a-f]{32}$/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not ask other mirrors when this machine is at fault', async () => {
    server.put('/one/a.bin', content);
    await writeFile(join(folder, 'taken'), '');
    await expect(downloadFiles(plan({ folder: join(folder, 'taken') }))).rejects.toThrow('ENGINE_FILEIO_NOT_A_FOLDER');
  });
});

describe('datasets with download', () => {
  const images = idxFile([3, 28, 28], new Uint8Array(3 * 784));
  const labels = idxFile([3], [1, 2, 3]);

  it('ask for their files by the names under which they are published, and refuse others', async () => {
    for (const Dataset of [MNIST, FashionMNIST]) {
      server.put('/train-images-idx3-ubyte.gz', new Uint8Array(gzipSync(images)));
      const dataset = new Dataset({ root: folder, download: true, mirrors: [server.url('/')] });
      await expect(dataset.init()).rejects.toMatchObject({
        code: 'ENGINE_VISION_DOWNLOAD_FAILED',
        received: expect.stringContaining('/train-images-idx3-ubyte.gz: md5'),
      });
    }
    const cifar = new CIFAR10({ root: folder, download: true, mirrors: [server.url('/x/')] });
    await expect(cifar.init()).rejects.toThrow(/DOWNLOAD_FAILED[^]*\/x\/cifar-10-binary\.tar\.gz: 404/);
  });

  it('take what is there without asking', async () => {
    for (const [name, bytes] of Object.entries({ images, labels }))
      await writeFile(join(folder, `train-${name}-idx${name === 'images' ? 3 : 1}-ubyte`), bytes);
    const dataset = new FashionMNIST({ root: folder, download: true, mirrors: [server.url('/')] });
    await dataset.init();
    expect(dataset.length).toBe(3);
    expect(dataset.metainfo.classes?.[9]).toBe('Ankle boot');
    expect(server.requests).toEqual([]);
  });

  it('keep them in the cache where no root is given', async () => {
    vi.stubEnv('ENGINE_CACHE', folder);
    const dataset = new FashionMNIST({ download: true, mirrors: [server.url('/')] });
    await expect(dataset.init()).rejects.toThrow('ENGINE_VISION_DOWNLOAD_FAILED');
    expect(await readdir(join(folder, 'datasets', 'FashionMNIST'))).toEqual(['raw']);
    await expect(new FashionMNIST().init()).rejects.toThrow(/FILES_NOT_FOUND[^]*download: true/);
  });

  it('read from a web server without download, when root is its address', async () => {
    vi.stubEnv('ENGINE_CACHE', folder);
    server.put('/data/t10k-images-idx3-ubyte.gz', new Uint8Array(gzipSync(images)));
    server.put('/data/t10k-labels-idx1-ubyte', labels);
    const dataset = new MNIST({ root: server.url('/data'), train: false });
    await dataset.init();
    expect((dataset.get(2, { seed: 0, epoch: 0, index: 2 }) as { samples: unknown }).samples).toBe(3);
  });
});
