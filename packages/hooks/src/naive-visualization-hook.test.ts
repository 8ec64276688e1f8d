import { cpu } from '@engine/backend-cpu';
import { type HostArray, hostArray } from '@engine/core';
import type { Datasample } from '@engine/visualization';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NaiveVisualizationHook } from './naive-visualization-hook.js';
import { makeTestRun } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

let run: TestRun;
let shown: { name: string; image: HostArray; sample: Datasample }[];
beforeEach(() => {
  shown = [];
  run = makeTestRun();
  run.visualizer.addDatasample = async (name, image, sample) => void shown.push({ name, image, sample });
});
afterEach(() => run.close());

const bytes = hostArray('uint8', [2, 1, 2, 1], Uint8Array.of(1, 2, 3, 4));

describe('NaiveVisualizationHook', () => {
  it('shows pictures with what a classifier says of them', async () => {
    const hook = new NaiveVisualizationHook({ drawGt: false });
    const predictions = [tf.tensor2d([0, 9, 1, 5, 0, 0], [2, 3]), tf.tensor1d([2, 0], 'int32')];
    hook.beforeTest(run);
    await hook.afterTestIter(run, { batchIdx: 0, batch: { inputs: bytes }, predictions });
    tf.dispose(predictions);
    expect(
      shown.map(({ name, image, sample }) => [name, image.shape, [...(image.data as Uint8Array)], sample]),
    ).toEqual([
      [
        'test_img_0',
        [1, 2, 1],
        [1, 2],
        { dataSample: { predLabel: 1, gtLabel: 2 }, drawGt: false, drawPred: true, step: 0 },
      ],
      [
        'test_img_1',
        [1, 2, 1],
        [3, 4],
        { dataSample: { predLabel: 0, gtLabel: 0 }, drawGt: false, drawPred: true, step: 1 },
      ],
    ]);
  });

  it('shows data samples as they are, at every n-th batch, and counts anew in every test', async () => {
    const hook = new NaiveVisualizationHook({ interval: 2 });
    const predictions = [{ predLabel: 7 }, { predInstances: { bboxes: [[0, 0, 1, 1]] } }];
    for (let tests = 0; tests < 2; tests += 1) {
      hook.beforeTest(run);
      for (const batchIdx of [0, 1]) await hook.afterTestIter(run, { batchIdx, batch: { inputs: bytes }, predictions });
    }
    expect(shown.map(({ name, sample }) => [name, sample.dataSample])).toEqual([
      ['test_img_0', predictions[0]],
      ['test_img_1', predictions[1]],
      ['test_img_0', predictions[0]],
      ['test_img_1', predictions[1]],
    ]);
  });

  it.each([
    [
      [0, 0.5, 1],
      [0, 127, 255],
    ],
    [
      [-3, 12.7, 300],
      [0, 12, 255],
    ],
  ])('takes floats %j as %j', async (values, expected) => {
    const inputs = [hostArray('float32', [1, 1, 3], Float32Array.from(values))];
    const hook = new NaiveVisualizationHook();
    await hook.afterTestIter(run, { batchIdx: 0, batch: { inputs }, predictions: [{ predLabel: 1 }] });
    expect([...((shown[0]?.image.data ?? []) as Uint8Array)]).toEqual(expected);
  });

  it('passes over what is no picture, and predictions that are no samples', async () => {
    const hook = new NaiveVisualizationHook();
    const rows = hostArray('float32', [2, 3], new Float32Array(6));
    await hook.afterTestIter(run, { batchIdx: 0, batch: { inputs: rows }, predictions: [{ predLabel: 1 }] });
    await hook.afterTestIter(run, { batchIdx: 0, batch: { inputs: [rows] }, predictions: [{ predLabel: 1 }] });
    await hook.afterTestIter(run, { batchIdx: 0, batch: { inputs: bytes }, predictions: { loss: 1 } });
    expect(shown).toEqual([]);
  });

  it('says so when the visualizer draws no samples', () => {
    run.visualizer.addDatasample = undefined as never;
    new NaiveVisualizationHook().beforeTest(run);
    expect(run.logged).toEqual(['WARNING NaiveVisualizationHook: the visualizer does not draw samples.']);
  });
});
