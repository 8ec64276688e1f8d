import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HistogramHook, type HistogramHookOptions } from './histogram-hook.js';
import { makeTestRun, tinyBatch } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

let run: TestRun;
let shown: [name: string, values: number[], step: number][];
beforeEach(() => {
  shown = [];
  run = makeTestRun();
  run.visualizer.addHistogram = async (name, values, step) => void shown.push([name, [...values], step]);
});
afterEach(() => run.close());

async function trained(options: HistogramHookOptions, iters: number): Promise<HistogramHook> {
  const hook = new HistogramHook(options);
  hook.beforeTrain(run);
  for (; run.iter < iters; run.iter += 1) {
    hook.beforeTrainIter(run);
    const outputs = run.trainStep(tinyBatch(run.iter));
    await hook.afterTrainIter(run);
    outputs.dispose();
  }
  return hook;
}

describe('HistogramHook', () => {
  it('shows gradients and weights every n-th iteration, with the iteration as step', async () => {
    const hook = await trained({ interval: 2 }, 4);
    expect(shown.map(([name, values, step]) => [name, values.length, step])).toEqual(
      [2, 4].flatMap((step) => [
        ['gradients/fc.weight', 2, step],
        ['gradients/fc.bias', 1, step],
        ['parameters/fc.weight', 2, step],
        ['parameters/fc.bias', 1, step],
      ]),
    );
    hook.dispose();
  });

  it('shows the numbers themselves: plain SGD goes against the gradient', async () => {
    const before = [...(run.parameters.get('fc.weight')?.value.dataSync() ?? [])];
    const hook = await trained({ interval: 1, only: 'weight' }, 1);
    const [gradient, after] = shown.map(([, values]) => values) as [number[], number[]];
    for (const [i, value] of after.entries()) expect(value).toBeCloseTo((before[i] ?? 0) - 0.1 * (gradient[i] ?? 0), 6);
    hook.dispose();
  });

  it('leaves out what is not wanted', async () => {
    const hook = await trained({ interval: 1, only: ['bias'], parameters: false }, 1);
    expect(shown.map(([name]) => name)).toEqual(['gradients/fc.bias']);
    hook.dispose();
    const none = await trained({ interval: 1, gradients: false, only: 'nothing' }, 2);
    expect(shown).toHaveLength(1);
    none.dispose();
  });

  it('leaves no tensor behind, also when the run ends in the middle of an iteration', async () => {
    const hook = await trained({ interval: 1 }, 1);
    const before = tf.memory().numTensors;
    await trained({ interval: 1 }, 2);
    hook.beforeTrainIter(run);
    run.trainStep(tinyBatch(0)).dispose();
    expect(hook.ownedTensors).toBe(2);
    hook.afterRun();
    expect([hook.ownedTensors, tf.memory().numTensors]).toEqual([0, before]);
  });

  it('says so when the visualizer has none', () => {
    const { visualizer } = run;
    visualizer.addHistogram = undefined as never;
    new HistogramHook().beforeTrain(run);
    expect(run.logged).toEqual(['WARNING HistogramHook: the visualizer has no histograms.']);
  });
});
