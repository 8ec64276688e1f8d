import { cpu } from '@engine/backend-cpu';
import type { HostArray } from '@engine/core';
import type { HostBatch } from '@engine/model';
import { describe, expect, it } from 'vitest';
import { BoringDataset, BoringModel, boringRuns } from './testing/index.js';

const boring = boringRuns(cpu);
const trainDataloader = { dataset: new BoringDataset(100), batchSize: 3 };

/** Has room for so many samples. */
class Small extends BoringModel {
  readonly room: number;
  constructor(room: number) {
    super();
    this.room = room;
  }
  override trainStep(batch: HostBatch, ...rest: [Parameters<BoringModel['trainStep']>[1]]) {
    if (((batch.inputs as HostArray).shape[0] ?? 0) > this.room) throw new RangeError('out of memory\nat some place');
    return super.trainStep(batch, ...rest);
  }
}

describe('runner.findBatchSize', () => {
  it('doubles up to the size of the dataset', async () => {
    const { runner } = boring({ trainDataloader });
    const { trials, largest, fastest } = await runner.findBatchSize({ steps: 2 });
    expect(trials.map(({ batchSize }) => batchSize)).toEqual([3, 6, 12, 24, 48, 96, 100]);
    expect(largest).toBe(100);
    expect(trials.map(({ batchSize }) => batchSize)).toContain(fastest);
    expect(trials.every(({ peakBytes }, i) => peakBytes > (trials[i - 1]?.peakBytes ?? 0))).toBe(true);
  });

  it('halves the gap to what fails, and says why it does', async () => {
    const model = new Small(40);
    const { runner } = boring({ model, trainDataloader });
    const { trials, largest } = await runner.findBatchSize({ steps: 1 });
    expect(largest).toBe(39);
    expect(trials.map(({ batchSize }) => batchSize)).toEqual([3, 6, 12, 24, 48, 36, 42, 39]);
    expect(trials[4]).toEqual({ batchSize: 48, samplesPerSec: 0, peakBytes: 0, failure: 'out of memory' });
    model.dispose();
  });

  it('stays below a limit of memory, and of size', async () => {
    const { trials } = await boring({ trainDataloader }).runner.findBatchSize({ steps: 1 });
    const bytes = ((trials[2]?.peakBytes ?? 0) + (trials[3]?.peakBytes ?? 0)) / 2;
    const limited = await boring({ trainDataloader }).runner.findBatchSize({ steps: 1, maxBytes: bytes });
    expect(limited.largest).toBeGreaterThanOrEqual(12);
    expect(limited.largest).toBeLessThan(24);
    expect(limited.trials.filter(({ failure }) => failure !== undefined).length).toBeGreaterThan(0);
    expect((await boring({ trainDataloader }).runner.findBatchSize({ steps: 1, maxBatchSize: 7 })).largest).toBe(7);
  });

  it('throws what the first trial throws', async () => {
    const model = new Small(2);
    await expect(boring({ model, trainDataloader }).runner.findBatchSize()).rejects.toThrow('out of memory');
    model.dispose();
  });

  it('needs a data loader that it can make', async () => {
    const { runner } = boring({ trainDataloader: new BoringDataset(3) as never });
    await expect(runner.findBatchSize()).rejects.toMatchObject({ code: 'ENGINE_RUNNER_BATCH_SIZE_GIVEN' });
  });
});
