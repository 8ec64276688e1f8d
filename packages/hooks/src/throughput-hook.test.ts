import { cpu } from '@engine/backend-cpu';
import { singleProcess } from '@engine/core';
import { nodePlatform } from '@engine/fileio';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeTestRun, tinyBatch } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';
import { ThroughputHook, type ThroughputHookOptions } from './throughput-hook.js';

beforeAll(() => cpu().init());

let run: TestRun;
afterEach(() => run.close());

/** Iterations of 100 ms, of which 25 wait for data; batches of three. */
function trained(options: ThroughputHookOptions, { iters = 12, ranks = 1 } = {}): void {
  let time = 0;
  const platform = {
    ...nodePlatform,
    monotonic: () => time,
    now: () => Date.UTC(2026, 0, 2, 3, 4),
    residentBytes: () => 200 * 2 ** 20,
  };
  run = makeTestRun({ platform, maxEpochs: 10, length: 4, communicator: { ...singleProcess, size: ranks } });
  for (const { value } of run.parameters.values()) void value; // on the device, as in training
  const hook = new ThroughputHook(options);
  hook.beforeTrain();
  for (; run.iter < iters; run.iter += 1) {
    if (run.iter % 4 === 0) {
      time += 5000; // between epochs
      hook.beforeTrainEpoch(run);
    }
    time += 25;
    hook.beforeTrainIter(run);
    time += 75;
    hook.afterTrainIter(run, { batchIdx: 0, batch: tinyBatch(0) });
  }
  hook.afterTrain(run);
}

const scalar = (key: string): readonly number[] => [...(run.messageHub.scalars.get(`train/${key}`)?.data.values ?? [])];

describe('ThroughputHook', () => {
  it('measures samples a second of all processes and memory, without the warm-up and what is between epochs', () => {
    trained({ interval: 2, warmup: 2 });
    expect(scalar('samplesPerSec')).toEqual([30, 30, 30, 30, 30]);
    expect(scalar('tensors').every((count) => count > 0)).toBe(true);
    expect(scalar('tensorMb')).toHaveLength(5);
  });

  it('counts the samples of every process', () => {
    trained({ interval: 4, warmup: 0 }, { ranks: 3 });
    expect(scalar('samplesPerSec')).toEqual([90, 90, 90]);
  });

  it('tells once how long the run will take, and at the end what it waited for', () => {
    trained({ interval: 2, warmup: 2, estimateAfter: 8 });
    expect(run.logged).toEqual([
      'Training will take about 3 s more, until 2026-01-02 03:04 UTC, besides validation and saving.',
      expect.stringMatching(
        /^throughput: 30\.0 samples\/s, 100\.00 ms an iteration, 25 % of it waiting for data; tensors \d+\.\d MB at most, process 200\.0 MB at most$/,
      ),
    ]);
  });

  it('says nothing of a run that is over before the warm-up is', () => {
    trained({ warmup: 20 });
    expect([run.logged, scalar('samplesPerSec')]).toEqual([[], []]);
  });
});
