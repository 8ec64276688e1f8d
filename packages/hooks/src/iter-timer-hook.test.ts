import { cpu } from '@engine/backend-cpu';
import type { Platform } from '@engine/core';
import { nodePlatform } from '@engine/fileio';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IterTimerHook } from './iter-timer-hook.js';
import { makeTestRun, tinyBatch } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

/** A platform whose clock moves on by one second at every read. */
function tickingPlatform(): Platform {
  let reads = 0;
  return { ...nodePlatform, monotonic: () => 1000 * (reads += 1) };
}

let run: TestRun | undefined;
afterEach(() => run?.close());

const batch = tinyBatch(0);

describe('IterTimerHook', () => {
  it('gives the times of the reference for a clock of one second a read', async () => {
    run = makeTestRun({ platform: tickingPlatform(), maxEpochs: 1, length: 100 });
    const hook = new IterTimerHook();
    hook.beforeTrain(run);
    hook.beforeTrainEpoch(run);
    for (run.iter = 0; run.iter < 10; run.iter += 1) {
      hook.beforeTrainIter(run, { batchIdx: run.iter, batch });
      hook.afterTrainIter(run, { batchIdx: run.iter, batch, outputs: undefined as never });
    }
    expect(run.messageHub.getScalar('train/data_time').current()).toBe(1);
    expect(run.messageHub.getScalar('train/time').current()).toBe(2);
    expect(run.messageHub.getInfo('eta')).toBe(180);
  });

  it('counts the time left of a validation from its own batches and starts anew at the next', async () => {
    run = makeTestRun({ platform: tickingPlatform(), length: 4 });
    const hook = new IterTimerHook();
    const validateHalf = (): unknown => {
      hook.beforeValEpoch(run as TestRun);
      for (const batchIdx of [0, 1]) {
        hook.beforeValIter(run as TestRun, { batchIdx, batch });
        hook.afterValIter(run as TestRun, { batchIdx, batch, predictions: [] });
      }
      return run?.messageHub.getInfo('eta');
    };
    expect(validateHalf()).toBe(4);
    hook.afterValEpoch();
    expect(validateHalf()).toBe(4);
  });

  it('reckons from where a resumed run starts', async () => {
    run = makeTestRun({ platform: tickingPlatform(), maxEpochs: 1, length: 100 });
    run.iter = 50;
    const hook = new IterTimerHook();
    hook.beforeTrain(run);
    hook.beforeTrainEpoch(run);
    hook.beforeTrainIter(run, { batchIdx: 50, batch });
    hook.afterTrainIter(run, { batchIdx: 50, batch, outputs: undefined as never });
    expect(run.messageHub.getInfo('eta')).toBe(2 * 49);
  });
});
