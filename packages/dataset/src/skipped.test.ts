import { DataLoader } from '@engine/dataset';
import { type BuildOptions, Registry } from '@engine/registry';
import { describe, expect, it } from 'vitest';
import { datasetErrors } from './errors.js';
import { Brittle } from './fixtures/brittle.js';
import { SkippedSamples } from './skipped.js';

const sample = (index: number) => ({ index, subject: `file ${index}`, reason: 'cut off' });

describe('SkippedSamples', () => {
  it('keeps each sample once, in the order of the dataset', () => {
    const all = new SkippedSamples();
    all.add([sample(5), sample(2)]);
    all.add([sample(2), sample(9)]);
    expect(all.list).toEqual([sample(2), sample(5), sample(9)]);
  });

  it('tells what is new, and says how many it does not name', () => {
    const all = new SkippedSamples();
    expect(all.news('Photos')).toBeUndefined();
    all.add([sample(1)]);
    expect(all.news('Photos')).toBe('Photos: 1 sample is damaged, others were taken instead:\n  [1] file 1: cut off');
    expect(all.news('Photos')).toBeUndefined();
    all.add(Array.from({ length: 14 }, (_, i) => sample(i)));
    const lines = all.news('Photos')?.split('\n') ?? [];
    expect([lines[0], lines.length, lines.at(-1)]).toEqual([
      'Photos: 13 samples are damaged, others were taken instead:',
      12,
      '  and 3 more',
    ]);
  });
});

describe('damaged samples in worker threads', () => {
  async function skippedWith(numWorkers: number, strict = false) {
    const registry = new Registry();
    registry.register(Brittle);
    registry.register(DataLoader);
    const said: string[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => said.push(text) };
    const loader = registry.build(
      'dataLoader',
      { type: 'DataLoader', dataset: { type: 'Brittle', size: 20, bad: [3, 11] }, batchSize: 5, numWorkers, strict },
      { path: 'here', args: { seed: 0 }, logger } as unknown as BuildOptions<'dataLoader'>,
    ) as DataLoader;
    await loader.init();
    const seen: unknown[] = [];
    try {
      for await (const { samples } of loader.batches()) seen.push(...(samples as { data: Int32Array }).data);
      return { seen, skipped: loader.skipped, said };
    } finally {
      await loader.close();
    }
  }

  it('are told as those of the main thread are, and replaced by the same others', async () => {
    const [here, there] = [await skippedWith(0), await skippedWith(2)];
    expect(here.skipped.map(({ index }) => index)).toEqual([3, 11]);
    expect(there).toEqual(here);
    expect(here.said).toHaveLength(1);
  });

  it.each([0, 2])(
    'stop a strict loader with ENGINE_DATASET_BAD_SAMPLE as the cause (%i workers)',
    async (numWorkers) => {
      await expect(skippedWith(numWorkers, true)).rejects.toMatchObject({
        code: 'ENGINE_DATASET_SAMPLE_FAILED',
        cause: { code: datasetErrors.BAD_SAMPLE.code, subject: 'record 3' },
      });
    },
  );
});
