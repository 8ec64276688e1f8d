import type { ModelSummary } from '@engine/model';
import type { FoundBatchSize, FoundLr } from '@engine/runner';
import { afterEach, describe, expect, it } from 'vitest';
import { digitFolder, engine, type TestFolder } from '../testing.js';

let folder: TestFolder | undefined;
afterEach(() => folder?.remove());

const run = (...args: string[]) => engine(args, folder?.path);

describe('engine lr-find', () => {
  it('shows what the loss does and suggests a learning rate, and writes nothing', async () => {
    folder = digitFolder();
    const { code, out } = await run('lr-find', 'config.json', '--min', '1e-4', '--max', '1', '--steps', '20');
    expect(code).toBe(0);
    expect(out).toMatch(/^lr +loss\n0\.0001 +\d/);
    expect(out).toMatch(/\n(Suggested lr: \d|The loss does not fall)/);
    expect(folder.list().sort()).toEqual(['config.json', 'data']);
  });

  it('gives every step to programs', async () => {
    folder = digitFolder();
    const { out } = await run('lr-find', 'config.json', '--min', '1e-3', '--max', '0.1', '--steps', '3', '--json');
    const { lrs, losses } = JSON.parse(out) as FoundLr;
    expect(lrs).toEqual([1e-3, 1e-2, 0.1].map((lr) => expect.closeTo(lr, 9)));
    expect(losses).toHaveLength(3);
  });

  it.each([
    ['--min', '0'],
    ['--steps', 'many'],
  ])('refuses %s %s', async (...flags) => {
    folder = digitFolder();
    const { code, err } = await run('lr-find', 'config.json', ...flags);
    expect([code, err]).toEqual([2, expect.stringContaining('It must be a number above 0.')]);
  });
});

describe('engine batch-find', () => {
  it('shows what fits', async () => {
    folder = digitFolder();
    const { code, out } = await run('batch-find', 'config.json', '--max', '16', '--steps', '1');
    expect(code).toBe(0);
    expect(out).toMatch(/^batch size +samples\/s +peak MB\n10 +\d+\.\d +\d+\.\d\n16 /);
    expect(out).toMatch(/\nLargest that fits: 16\. Fastest: (10|16)\.\n$/);
    expect(folder.list().sort()).toEqual(['config.json', 'data']);
  });

  it('gives the trials to programs', async () => {
    folder = digitFolder();
    const { out } = await run('batch-find', 'config.json', '--max', '8', '--memory', '9999', '--json');
    const { trials, largest } = JSON.parse(out) as FoundBatchSize;
    expect([trials.map(({ batchSize }) => batchSize), largest]).toEqual([[8], 8]);
  });

  it('refuses half a sample', async () => {
    folder = digitFolder();
    expect((await run('batch-find', 'config.json', '--max', '1.5')).code).toBe(2);
  });
});

describe('engine model summary', () => {
  it('lists layers, shapes, parameters and multiply-adds', async () => {
    folder = digitFolder();
    const { code, out } = await run('model', 'summary', 'config.json');
    expect(code).toBe(0);
    expect(out).toMatch(/^layer +output +parameters +multiply-adds\nLeNet5 /);
    expect(out).toMatch(/: Conv2d +\(10, 28, 28, 6\) +156 +/);
    expect(out).toMatch(/\nparameters +61,706, 61,706 of them trainable; 0\.24 MB with buffers\n/);
    expect(out).toMatch(/\nmultiply-adds +[\d,]+ for a batch of 10, [\d,]+ a sample\n$/);
    expect(folder.list().sort()).toEqual(['config.json', 'data']);
  });

  it('gives the same to programs, from a config with other options', async () => {
    folder = digitFolder();
    const { out } = await run(
      'model',
      'summary',
      'config.json',
      '--json',
      '--cfg-options',
      'trainDataloader.batchSize=4',
    );
    const { batchSize, layers } = JSON.parse(out) as ModelSummary;
    expect([batchSize, layers[0]?.type]).toEqual([4, 'LeNet5']);
  });
});
