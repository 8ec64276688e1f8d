import {
  DataLoader,
  type DataLoaderLike,
  type Dataset,
  IterableDataset,
  type Sample,
  type Transform,
} from '@engine/dataset';
import { describe, expect, it } from 'vitest';
import type { CliIo } from '../io.js';
import type { OpenedData } from './open-data.js';
import { readStats } from './read-stats.js';
import { stepOf, type Visited, visit } from './samples.js';
import { StepLog } from './step-log.js';

class Lines extends IterableDataset {
  readonly metainfo = {};
  readonly length = Number.POSITIVE_INFINITY;
  override *samples({ seed }: { readonly seed: number }): Generator<Sample> {
    for (let i = 0; ; i++) yield { inputs: seed + i };
  }
}

const opened = (loader: DataLoaderLike, steps = new StepLog()): OpenedData => ({ loader, steps, meta: {}, seed: 5 });
async function visited(data: OpenedData, indices: Iterable<number>): Promise<Visited[]> {
  const all: Visited[] = [];
  for await (const each of visit(data, indices)) all.push(each);
  return all;
}

describe('visit', () => {
  it('reads as many of a stream as are asked for', async () => {
    const loader = new DataLoader({ dataset: new Lines(), batchSize: 2 });
    await loader.init();
    const found = await visited(opened(loader), [0, 1, 2]);
    expect(found.map(({ sample }) => sample?.inputs)).toEqual([5, 6, 7]);
    expect(await visited(opened(loader), [])).toEqual([]);
  });

  it('gives samples the seed of the run, and keeps failures beside them', async () => {
    const dataset: Dataset = {
      metainfo: {},
      length: 3,
      init: async () => {},
      get: (index, { seed, epoch }) => {
        if (index === 1) throw new Error('broken');
        return index === 2 ? null : { inputs: [seed, epoch] };
      },
    };
    const loader = new DataLoader({ dataset, batchSize: 1 });
    await loader.init();
    expect(await visited(opened(loader), [2, 1, 0])).toEqual([
      { index: 2, sample: null, steps: [] },
      { index: 1, steps: [], error: new Error('broken') },
      { index: 0, sample: { inputs: [5, 0] }, steps: [] },
    ]);
  });
});

describe('visit with others ahead', () => {
  it('keeps the order, and makes no more than it may', async () => {
    let [making, most] = [0, 0];
    const finish: (() => void)[] = [];
    const dataset: Dataset = {
      metainfo: {},
      length: 7,
      init: async () => {},
      get: async (index) => {
        making += 1;
        most = Math.max(most, making);
        if (index < 2) await new Promise<void>((resolve) => finish.push(resolve));
        else for (const each of finish.splice(0).reverse()) each();
        making -= 1;
        if (index === 3) throw new Error('broken');
        return { inputs: index };
      },
    };
    const loader = new DataLoader({ dataset, batchSize: 1 });
    await loader.init();
    const found: Visited[] = [];
    for await (const each of visit(opened(loader), Array(7).keys(), { ahead: 2 })) found.push(each);
    expect(found.map(({ index, sample }) => [index, sample?.inputs])).toEqual(
      Array.from({ length: 7 }, (_, i) => [i, i === 3 ? undefined : i]),
    );
    expect(found[3]?.error?.message).toBe('broken');
    expect(most).toBe(3);
  });
});

describe('readStats', () => {
  const io: CliIo = { cwd: '', stdout: { write() {} }, stderr: { write() {} } };
  it('wants to know how much of an endless stream it should read', async () => {
    const loader = new DataLoader({ dataset: new Lines(), batchSize: 2 });
    await loader.init();
    const read = (number?: number) => readStats(opened(loader), { number, step: undefined }, io);
    await expect(read()).rejects.toThrowError('ENGINE_CLI_ENDLESS_DATA');
    expect(await read(4)).toMatchObject({ read: 4, images: { count: 0 } });
  });
});

describe('StepLog', () => {
  const add = (n: number): Transform => ({ transform: (sample) => ({ ...sample, n: (sample.n as number) + n }) });
  const later: Transform = { transform: async (sample) => ({ ...sample, late: true }) };
  const drop: Transform = { transform: () => null };
  const ctx = { seed: 0, epoch: 0, index: 0 };

  it('watches pipelines wherever they stand, and leaves the rest as it is', () => {
    const log = new StepLog();
    const paths: string[] = [];
    const build = (item: unknown, path: string): Transform => {
      paths.push(path);
      return item as Transform;
    };
    const other = { pipeline: 'not a list' };
    const config = {
      batch_size: 4,
      dataset: { datasets: [{ pipeline: [add(1), drop] }, { dataset: { pipeline: [] } }], other },
    };
    const watched = log.watched(config, { path: 'trainDataloader', build }) as typeof config;
    expect(paths).toEqual([
      'trainDataloader.dataset.datasets.0.pipeline.0',
      'trainDataloader.dataset.datasets.0.pipeline.1',
    ]);
    expect(watched.batch_size).toBe(4);
    expect(watched.dataset.other).toBe(other);
    const [{ pipeline } = { pipeline: [] as Transform[] }] = watched.dataset.datasets;
    void pipeline?.[0]?.transform({ n: 1 }, ctx);
    void pipeline?.[1]?.transform({ n: 2 }, ctx);
    expect(log.take()).toEqual([
      { name: 'input', sample: { n: 1 } },
      { name: '0 transform', sample: { n: 2 } },
      { name: '1 transform', sample: null },
    ]);
    expect(log.take()).toEqual([]);
  });

  it('waits for transforms that take their time, and finds steps by place and name', async () => {
    const log = new StepLog();
    const built = { Add: add(2), Later: later };
    const config = { pipeline: [{ type: 'mmcv.Add' }, { type: 'Later' }, { type: 'mmcv.Add' }] };
    const build = (item: unknown): Transform => built[(item as { type: string }).type.split('.').at(-1) as 'Add'];
    const { pipeline } = log.watched(config, { path: '', build }) as unknown as { pipeline: Transform[] };
    let sample: Record<string, unknown> = { n: 0 };
    for (const transform of pipeline) sample = (await transform.transform(sample, ctx)) as typeof sample;
    const found: Visited = { index: 0, sample, steps: log.take() };
    expect(found.steps.map(({ name }) => name)).toEqual(['input', '0 Add', '1 Later', '2 Add']);
    expect(['input', '0', 'Later', 'Add', '2 Add'].map((name) => stepOf(found, name)?.n)).toEqual([0, 2, 2, 4, 4]);
    expect(stepOf(found, undefined)).toBe(sample);
    expect(stepOf(found, 'Crop')).toBeUndefined();
  });
});
