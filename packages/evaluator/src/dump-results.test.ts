import { cpu } from '@engine/backend-cpu';
import type { Logger } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Accuracy,
  BaseMetric,
  DumpResults,
  Evaluator,
  type MetricValues,
  offlineEvaluate,
  readResults,
} from './index.js';
import { localRanks } from './testing/index.js';

beforeAll(() => cpu().init());

const PATH = '/out/predictions.jsonl';

async function all(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const value of values) found.push(value);
  return found;
}

/** Notes what it is shown. */
class Notes extends BaseMetric<unknown> {
  readonly calls: { batch: unknown; predictions: unknown }[] = [];
  process(batch: unknown, predictions: unknown): void {
    this.calls.push({ batch, predictions });
    this.results.push(...(predictions as unknown[]));
  }
  computeMetrics(results: readonly unknown[]): MetricValues {
    return { n: results.length };
  }
}

describe('DumpResults', () => {
  it('writes one sample a line that comes back as it was, numbers that JSON lacks too', async () => {
    const plain = fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('$'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ i: fc.double(), value: plain })), async (samples) => {
        const storage = new MemoryStorage();
        const metric = new DumpResults({ outFilePath: PATH, storage });
        await metric.process(undefined, samples);
        expect(await metric.evaluate(samples.length)).toEqual({});
        const text = new TextDecoder().decode(await storage.get(PATH));
        expect(text.split('\n')).toHaveLength(samples.length + 1);
        expect(await all(readResults(PATH, { storage }))).toEqual(samples);
      }),
      { numRuns: 50 },
    );
  });

  it('reads tensors and typed arrays back inside of samples', async () => {
    const storage = new MemoryStorage();
    const metric = new DumpResults({ outFilePath: PATH, storage });
    const boxes = tf.tensor2d([[1, 2, 3, 4]]);
    await metric.process(undefined, [{ boxes, ids: Int32Array.of(7), name: 'a' }]);
    boxes.dispose();
    await metric.evaluate(1);
    expect(await all(readResults(PATH, { storage }))).toEqual([
      { boxes: { dtype: 'float32', shape: [1, 4], data: [1, 2, 3, 4] }, ids: [7], name: 'a' },
    ]);
  });

  it('is written by rank 0 in the order of the dataset, and says where', async () => {
    const storage = new MemoryStorage();
    const lines: string[] = [];
    const logger = { info: (line: string) => lines.push(line) } as unknown as Logger;
    await Promise.all(
      localRanks(2).map(async (communicator) => {
        const metric = new DumpResults({ outFilePath: PATH, storage, logger });
        for (const i of [0, 1]) await metric.process(undefined, [{ i: (2 * i + communicator.rank) % 3 }]);
        return metric.evaluate(3, communicator);
      }),
    );
    expect(await all(readResults(PATH, { storage }))).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    expect(lines).toEqual([`Results have been saved to ${PATH}.`]);
  });

  it.each(['out.pkl', 'out.pickle', 'out.json', 'jsonl'])('refuses the path %s', (outFilePath) => {
    expect(() => new DumpResults({ outFilePath })).toThrow(
      expect.objectContaining({ code: 'ENGINE_EVALUATOR_BAD_FILE_NAME' }),
    );
  });

  it.each([
    ['no list', {}],
    ['tensors with different numbers of rows', () => [tf.zeros([2, 3]), tf.zeros([3])]],
    ['a scalar', () => [tf.scalar(1)]],
  ])('refuses %s', async (_, given) => {
    const predictions = typeof given === 'function' ? given() : given;
    const metric = new DumpResults({ outFilePath: PATH, storage: new MemoryStorage() });
    await expect(metric.process(undefined, predictions)).rejects.toMatchObject({
      code: 'ENGINE_EVALUATOR_BAD_PREDICTIONS',
    });
    tf.dispose(predictions as tf.Tensor[]);
  });

  it('names the line of a damaged file', async () => {
    const storage = new MemoryStorage();
    await storage.putAtomic(PATH, new TextEncoder().encode('{"i":1}\n{"i":'));
    await expect(all(readResults(PATH, { storage }))).rejects.toMatchObject({
      code: 'ENGINE_EVALUATOR_BAD_RESULTS_FILE',
      message: expect.stringContaining(`${PATH}:2`),
    });
  });
});

describe('offlineEvaluate', () => {
  it('gives the values that an evaluation gave, from what was dumped', async () => {
    const storage = new MemoryStorage();
    const evaluator = new Evaluator([new Accuracy({ topk: [1, 2] }), new DumpResults({ outFilePath: PATH, storage })]);
    for (let i = 0; i < 4; i++) {
      const predictions = [tf.randomNormal([5, 4], 0, 1, 'float32', i), tf.tensor1d([0, 1, 2, 3, i], 'int32')];
      await evaluator.process(undefined, predictions);
      tf.dispose(predictions);
    }
    const values = await evaluator.evaluate(20);
    const before = tf.memory().numTensors;
    for (const chunkSize of [1, 3, 100]) {
      const again = new Evaluator(new Accuracy({ topk: [1, 2] }));
      expect(await again.offlineEvaluate(readResults(PATH, { storage }), { chunkSize })).toEqual(values);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('shows chunks of samples with their data, collated', async () => {
    const notes = new Notes();
    const collate = (items: readonly number[]) => ({ x: items });
    const samples = [{ i: 0 }, { i: 1 }, { i: 2 }];
    expect(await offlineEvaluate(new Evaluator(notes), samples, { data: [0, 10, 20], collate, chunkSize: 2 })).toEqual({
      n: 3,
    });
    expect(notes.calls).toEqual([
      { batch: { x: [0, 10] }, predictions: [{ i: 0 }, { i: 1 }] },
      { batch: { x: [20] }, predictions: [{ i: 2 }] },
    ]);
  });

  it.each([
    ['fewer data than samples', [1, 2, 3], [1]],
    ['more data than samples', [1], [1, 2]],
  ])('refuses %s, lists and streams', async (_, samples, data) => {
    const wrong = { code: 'ENGINE_EVALUATOR_DATA_LENGTH' };
    const notes = new Notes();
    await expect(offlineEvaluate(new Evaluator(notes), samples, { data })).rejects.toMatchObject(wrong);
    expect(notes.calls).toEqual([]);
    await expect(offlineEvaluate(new Evaluator(notes), new Set(samples), { data })).rejects.toMatchObject(wrong);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses chunks of %s', async (chunkSize) => {
    await expect(offlineEvaluate(new Evaluator(new Notes()), [], { chunkSize })).rejects.toMatchObject({
      code: 'ENGINE_EVALUATOR_BAD_CHUNK',
    });
  });
});
