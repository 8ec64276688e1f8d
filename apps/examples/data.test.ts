// docs/data.md shows the example as it is, and the example loads with workers what it loads without.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataLoader, type DataLoaderLike } from '@engine/dataset';
import { describeDataset } from '@engine/dataset/testing';
import { Registry } from '@engine/registry';
import { expect, it } from 'vitest';
import config from './data/config.js';
import { Point, Spirals } from './data/spirals.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describeDataset(Spirals, { points: 10, pipeline: [{ type: Point }] });

it.each(['spirals.ts', 'config.ts'])('the page shows %s as it is', (name) => {
  const [, ...code] = read(`apps/examples/data/${name}`).split('\n'); // the first line is a remark
  expect(read('docs/data.md')).toContain(code.join('\n').trim());
});

it('the loader of the config gives the same batches with four workers and with none', async () => {
  const batchesOf = async (more: object) => {
    const options = { type: DataLoader, ...config.trainDataloader, ...more };
    const loader: DataLoaderLike = new Registry().build('dataLoader', options, { args: { seed: 1 } });
    await loader.init();
    loader.setEpoch(2);
    const batches = [];
    for await (const batch of loader.batches(3)) batches.push(batch);
    await loader.close();
    return batches;
  };
  const batches = await batchesOf({});
  expect(batches).toHaveLength(10);
  expect(batches).toEqual(await batchesOf({ numWorkers: 0 }));
});
