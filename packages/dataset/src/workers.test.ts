import { type HostArray, hostArray } from '@engine/core';
import { type BuildOptions, Registry } from '@engine/registry';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { DataLoaderOptions } from './data-loader-entry.js';
import { Annotate, listing, Nowhere, notADataset, Pack, plain, Ramp, remember, Trouble } from './fixtures/parts.js';
import {
  ClassBalancedDataset,
  ConcatDataset,
  DataLoader,
  type DataLoaderInit,
  type DataLoaderLike,
  type HostBatchLike,
  InstanceData,
  PixelData,
  pseudoCollate,
  pseudoCollateEntry,
  RepeatDataset,
  seedWorker,
} from './index.js';
import { nodeWorkers } from './node/index.js';

const PARTS = new URL('./fixtures/parts.ts', import.meta.url).href;
const open: DataLoaderLike[] = [];
afterEach(async () => {
  for (const loader of open.splice(0)) await loader.close();
});

const build = (config: object, registry = new Registry()): DataLoaderLike =>
  registry.build('dataLoader', { type: DataLoader, ...config }, {
    args: { seed: 5 },
    path: 'trainDataloader',
  } as BuildOptions<'dataLoader'>);

async function fromConfig(
  config: Omit<DataLoaderOptions, 'dataset' | 'collateFn' | 'workerInitFn'> & Record<string, unknown>,
): Promise<DataLoaderLike> {
  const loader = build(config);
  open.push(loader);
  await loader.init();
  return loader;
}

async function fromParts(init: DataLoaderInit): Promise<DataLoader> {
  const loader = new DataLoader(init);
  open.push(loader);
  await loader.init();
  return loader;
}

async function collect(loader: DataLoaderLike, startBatch?: number): Promise<HostBatchLike[]> {
  const batches = [];
  for await (const batch of loader.batches(startBatch)) batches.push(batch);
  return batches;
}

const failure = (promise: Promise<unknown>): Promise<Error & Record<string, unknown>> =>
  promise.then(
    () => Promise.reject(new Error('nothing thrown')),
    (error: unknown) => error as Error & Record<string, unknown>,
  );

const ramp = (size: number, ...pipeline: object[]): object => ({
  type: Ramp,
  size,
  pipeline: [{ type: Pack, shift: 1 }, ...pipeline],
});

describe('batches of workers', () => {
  it('are those of one thread, however many workers there are and wherever the epoch starts', async () => {
    const dataset = {
      type: ConcatDataset,
      datasets: [
        { type: ClassBalancedDataset, oversampleThr: 0.4, dataset: ramp(17) },
        { type: RepeatDataset, times: 2, dataset: ramp(5, { type: Trouble, how: 'null', at: 2 }) },
      ],
    };
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          numWorkers: fc.integer({ min: 1, max: 3 }),
          prefetchFactor: fc.integer({ min: 1, max: 3 }),
          batchSize: fc.integer({ min: 1, max: 9 }),
          dropLast: fc.boolean(),
          persistentWorkers: fc.boolean(),
          epochs: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 2 }),
          start: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        async ({ epochs, start, numWorkers, ...how }) => {
          const [here, there] = [
            await fromConfig({ dataset, shuffle: true, ...how }),
            await fromConfig({ dataset, shuffle: true, numWorkers, ...how }),
          ];
          for (const epoch of epochs) {
            here.setEpoch(epoch);
            there.setEpoch(epoch);
            const first = Math.round(start * here.length);
            expect(await collect(there, first)).toEqual(await collect(here, first));
          }
          await there.close();
        },
      ),
      { numRuns: 5 },
    );
  }, 240_000);

  it('bring their own memory along and nothing else, whatever the collate function', async () => {
    for (const [collateFn, bytes] of [
      [undefined, 48],
      [{ type: listing, tag: 'x' }, 64],
      [pseudoCollate, 64],
    ] as const) {
      const [batch] = await collect(await fromConfig({ dataset: ramp(4), batchSize: 4, numWorkers: 1, collateFn }));
      const inputs = batch?.inputs as HostArray | readonly HostArray[];
      const arrays = Array.isArray(inputs) ? (inputs as readonly HostArray[]) : [inputs as HostArray];
      for (const { data } of arrays) {
        expect(data.buffer.byteLength).toBe(bytes);
        expect(data.byteOffset % 8).toBe(0);
      }
    }
  });

  it('hold data elements as they were, but nothing of other classes', async () => {
    const config = { dataset: ramp(4, { type: Annotate }), batchSize: 2, collateFn: { type: 'pseudoCollate' } };
    const registry = new Registry();
    registry.registerExports({ pseudoCollateEntry });
    const collected = async (more: object) => {
      const loader = build({ ...config, ...more }, registry);
      open.push(loader);
      await loader.init();
      return collect(loader);
    };
    const [here, there] = [await collected({}), await collected({ numWorkers: 2 })];
    const element = (there[1]?.samples as InstanceData[] | undefined)?.[0];
    expect(element).toBeInstanceOf(InstanceData);
    expect(element?.metainfo.map).toBeInstanceOf(PixelData);
    const text = (batches: HostBatchLike[]) => batches.map(({ samples }) => String(samples).replace(/0x\w+/g, ''));
    expect(text(there)).toEqual(text(here));
    const foreign = collected({ dataset: ramp(4, { type: Annotate, how: 'own' }), numWorkers: 1 });
    expect(await failure(foreign)).toMatchObject({ code: 'ENGINE_DATASET_COLLATE_TYPE' });
  });

  it('come from one copy of the records', async () => {
    const loader = await fromConfig({ dataset: ramp(6), batchSize: 2, numWorkers: 2 });
    const { shared } = loader.dataset as Ramp;
    expect(shared?.bytes).toBeInstanceOf(SharedArrayBuffer);
    (loader.dataset as Ramp).getSubset_([5, 4]);
    expect((await collect(loader)).map(({ samples }) => [...(samples as HostArray<'int32'>).data])).toEqual([[5, 4]]);
  });

  it('may be left early; the next iteration is whole', async () => {
    const loader = await fromConfig({ dataset: ramp(40), batchSize: 2, numWorkers: 2 });
    for await (const _ of loader.batches()) break;
    for await (const _ of loader.batches(7)) break;
    expect(await collect(loader)).toEqual(await collect(await fromConfig({ dataset: ramp(40), batchSize: 2 })));
  });

  it('end when the loader is closed, which may then be used again', async () => {
    const loader = await fromConfig({ dataset: ramp(40), batchSize: 2, numWorkers: 2 });
    let count = 0;
    for await (const _ of loader.batches()) {
      count += 1;
      await loader.close();
    }
    expect(count).toBe(1);
    expect(await collect(loader)).toHaveLength(20);
  });

  it('are no more under way than workers times prefetchFactor', async () => {
    const asked: number[] = [];
    const host = nodeWorkers();
    const dataset = { ...plain, length: 50 };
    const loader = await fromParts({
      dataset,
      batchSize: 1,
      numWorkers: 2,
      prefetchFactor: 3,
      rebuild: { dataset: { module: PARTS, export: 'counting', options: { from: 0 } } },
      workerHost: {
        spawn: (start, events) => {
          const handle = host.spawn(start, events);
          return { ...handle, request: (request) => void asked.push(handle.request(request) ?? request.id) };
        },
      },
    });
    const iterator = loader.batches();
    for (let taken = 1; taken <= 4; taken++) {
      await iterator.next();
      expect(asked).toHaveLength(5 + taken);
    }
    await iterator.return(undefined);
  });
});

describe('parts in a module', () => {
  it.each([
    ['an entry', { module: PARTS, export: 'Ramp', options: { size: 3, pipeline: [{ type: Pack }] } }, [0, 1, 2]],
    [
      'a class that has one',
      { module: PARTS, export: 'Ramp', options: { size: 2, pipeline: [{ type: Pack }] } },
      [0, 1],
    ],
    ['a function', { module: PARTS, export: 'counting', options: { from: 100 } }, [100, 101, 102]],
    ['a plain object', { module: PARTS, export: 'plain' }, [0, 10, 20]],
    ['a module by URL object', { module: new URL(PARTS), export: 'plain' }, [0, 10, 20]],
  ])('may be %s', async (_, source, expected) => {
    const dataset = { ...plain, length: expected.length };
    const loader = await fromParts({ dataset, batchSize: 3, numWorkers: 1, rebuild: { dataset: source } });
    const [batch] = await collect(loader);
    const inputs = batch?.inputs as HostArray;
    const first = inputs.shape.length === 1 ? [...inputs.data] : expected.map((_, i) => inputs.data[i * 3]);
    expect(first).toEqual(expected);
  });

  it('include the collate function and what workers do first', async () => {
    const config = { dataset: ramp(4), batchSize: 2, collateFn: { type: listing, tag: 'mine' }, numWorkers: 2 };
    const starts = async (workerInitFn: object) => {
      const batches = await collect(await fromConfig({ ...config, workerInitFn }));
      expect(batches.map(({ tag }) => tag)).toEqual(['mine', 'mine']);
      return batches.map(({ start }) => start);
    };
    for (const start of await starts({ type: remember }))
      expect(start).toMatchObject({ numWorkers: 2, rank: 0, seed: 5 });
    expect(await starts({ type: seedWorker, disableSubprocessWarning: true })).toEqual([undefined, undefined]);
  });
});

describe('a worker that fails', () => {
  it('names dataset, index and transform, and keeps the stack', async () => {
    const config = { dataset: ramp(6, { type: Trouble, how: 'throw', at: 3 }), batchSize: 1, numWorkers: 2 };
    const loader = await fromConfig(config);
    const seen: HostBatchLike[] = [];
    const error = await failure(
      (async () => {
        for await (const batch of loader.batches()) seen.push(batch);
      })(),
    );
    expect(seen).toHaveLength(3);
    expect(error).toMatchObject({
      code: 'ENGINE_DATASET_SAMPLE_FAILED',
      subject: 'Ramp[3]',
      name: 'EngineError',
      exitCode: 1,
    });
    expect(error.message).toContain('pipeline[1] Trouble');
    expect(error.message).toBe((await failure(collect(await fromConfig({ ...config, numWorkers: 0 })))).message);
    const thrown = (error.cause as Error).cause as Error;
    expect(thrown).toMatchObject({ name: 'RangeError', message: 'Invalid array length' });
    expect(thrown.stack).toMatch(/parts\.ts:\d+/);
    expect(await collect(loader, 4)).toHaveLength(2); // the workers live on
  });

  it.each([
    ['process.exit', 'exit', /exited with code 7/],
    ['out of memory', 'memory', /ERR_WORKER_OUT_OF_MEMORY/],
  ] as const)('is not waited for when it dies: %s', async (_, how, reason) => {
    const loader = await fromParts({
      dataset: plain,
      batchSize: 1,
      numWorkers: 2,
      rebuild: {
        dataset: {
          module: PARTS,
          export: 'Ramp',
          options: { size: 7, pipeline: [{ type: Pack }, { type: Trouble, how, at: 4 }] },
        },
      },
      workerHost: nodeWorkers({ heapMegabytes: 32 }),
    });
    const error = await failure(collect(loader));
    expect(error).toMatchObject({ code: 'ENGINE_DATASET_WORKER_DIED' });
    expect(error.received).toMatch(reason);
    expect(await failure(collect(loader))).toMatchObject({ code: 'ENGINE_DATASET_WORKER_DIED' }); // new workers, the same end
    expect((await loader.batches().next()).value).toBeDefined();
  });

  it('is not waited for longer than `timeout`', async () => {
    const config = { dataset: ramp(3, { type: Trouble, how: 'hang', at: 1 }), batchSize: 1, numWorkers: 1 };
    const error = await failure(collect(await fromConfig({ ...config, timeout: 1 })));
    expect(error).toMatchObject({ code: 'ENGINE_DATASET_WORKER_TIMEOUT', expected: 'a batch within timeout = 1 s' });
    expect(error.received).toContain('indices 1');
  });

  it.each([
    ['lacks the module', { module: `${PARTS}.missing`, export: 'x' }, /parts\.ts\.missing/],
    ['lacks the package', { module: '@engine/no-such-package', export: 'x' }, /ENGINE_DATASET_NOT_EXPORTED/],
    ['lacks the export', { module: PARTS, export: 'ramp' }, /exports .*Ramp/],
    ['gets something else', { module: PARTS, export: 'notADataset' }, /notADataset: number/],
    ['gets wrong options', { module: PARTS, export: 'Ramp', options: { sise: 3 } }, /size/],
  ])('says so when it %s', async (_, source, message) => {
    const loader = await fromParts({ dataset: plain, batchSize: 1, numWorkers: 1, rebuild: { dataset: source } });
    expect((await failure(collect(loader))).message).toMatch(message);
  });
});

describe('what cannot travel', () => {
  const inConfig = (config: object): unknown => {
    try {
      return build({ dataset: ramp(3), batchSize: 1, numWorkers: 2, ...config });
    } catch (error) {
      return error;
    }
  };

  it('is told with what to write, before any thread is started', () => {
    expect(notADataset).toBe(3);
    expect(() => new DataLoader({ dataset: plain, batchSize: 1, numWorkers: 2 })).toThrowError(
      /ENGINE_DATASET_NOT_TRANSFERABLE.*\n.*\{ type: MyDataset, \.\.\. \}[^]*module: import\.meta\.url, export: 'MyDataset', options/,
    );
    expect(inConfig({ dataset: plain })).toMatchObject({ code: 'ENGINE_DATASET_NOT_TRANSFERABLE' });
  });

  it.each([
    ['a built transform', { dataset: ramp(3, { transform: (x: object) => x }) }, 'dataset.pipeline.1.transform'],
    ['an entry without module', { dataset: ramp(3, { type: Nowhere }) }, 'dataset.pipeline.1'],
    ['a function in the options', { dataset: { type: Ramp, size: 3, metainfo: { f: () => 1 } } }, 'dataset.metainfo.f'],
    [
      'an instance in the options',
      { dataset: { type: Ramp, size: 3, metainfo: { a: [new URL('x:y')] } } },
      'dataset.metainfo.a.0',
    ],
    ["a collate function of one's own", { collateFn: (samples: unknown) => ({ inputs: samples }) }, 'collateFn'],
  ])('%s, named by its path', (_, config, path) => {
    const error = inConfig(config) as Error & { subject: string };
    expect(error).toMatchObject({ code: 'ENGINE_DATASET_NOT_TRANSFERABLE' });
    expect(error.subject.startsWith(`${path}: `)).toBe(true);
    expect(inConfig({ ...config, numWorkers: 0 })).toBeInstanceOf(DataLoader);
  });

  it('is told even when only the class knows it', async () => {
    const dataset = new (class extends Ramp {
      static override readonly METAINFO = { f: () => 1 };
    })(3, {});
    const source = { module: PARTS, export: 'Ramp', options: { size: 3 } };
    const loader = await fromParts({ dataset, batchSize: 1, numWorkers: 1, rebuild: { dataset: source } });
    expect(await failure(collect(loader))).toMatchObject({ code: 'ENGINE_DATASET_NOT_TRANSFERABLE' });
  });

  it('does not include plain data of any type', async () => {
    const metainfo = {
      when: new Date(3),
      weights: Float32Array.of(1),
      ids: new Map([[1, new Set(['a'])]]),
      of: hostArray('int32', [1], Int32Array.of(1)),
    };
    const loader = await fromConfig({
      dataset: { type: Ramp, size: 2, pipeline: [{ type: Pack }], metainfo },
      batchSize: 1,
      numWorkers: 1,
    });
    expect(await collect(loader)).toHaveLength(2);
  });
});
