import { cpu } from '@engine/backend-cpu';
import { type Communicator, singleProcess } from '@engine/core';
import { BatchNorm2d, type Buffer } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { SyncBuffersHook } from './sync-buffers-hook.js';
import { makeTestRun, TinyModel } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

class Normed extends TinyModel {
  readonly bn = new BatchNorm2d(2);
}

let run: TestRun;
afterEach(() => run.close());

/** Two ranks in one process: the other one's buffers are all `other`. */
function withRank(other: number): { readonly sizes: number[]; readonly communicator: Communicator } {
  const sizes: number[] = [];
  const allReduce: Communicator['allReduce'] = (data, op) => {
    sizes.push(data.length);
    expect(op).toBe('mean');
    for (let i = 0; i < data.length; i += 1) data[i] = ((data[i] ?? 0) + other) / 2;
    return Promise.resolve(data);
  };
  return { sizes, communicator: { ...singleProcess, size: 2, allReduce } };
}

function setUp(communicator: Communicator): Normed {
  const model = new Normed();
  model.initWeights(0);
  for (const { value } of model.namedBuffers().values()) void value; // on the device, as in training
  run = makeTestRun({ model, communicator });
  return model;
}

const valuesOf = ({ bn }: Normed): number[][] =>
  [bn.runningMean, bn.runningVar].map((buffer) => [...(buffer as Buffer).value.dataSync()]);

it('buffers get the mean of all ranks in one collective; counters stay', async () => {
  const { sizes, communicator } = withRank(3);
  const model = setUp(communicator);
  expect(valuesOf(model)).toEqual([
    [0, 0],
    [1, 1],
  ]);
  const before = tf.memory().numTensors;
  await new SyncBuffersHook().afterTrainEpoch(run);
  expect(valuesOf(model)).toEqual([
    [1.5, 1.5],
    [2, 2],
  ]);
  expect(sizes).toEqual([4]);
  expect(tf.memory().numTensors).toBe(before);
});

it('they are not averaged again before the validation of the same epoch, and before one without an epoch they are', async () => {
  const { sizes, communicator } = withRank(3);
  setUp(communicator);
  const hook = new SyncBuffersHook();
  await hook.afterTrainEpoch(run);
  await hook.beforeValEpoch(run);
  expect(sizes).toHaveLength(1);
  await hook.beforeValEpoch(run);
  expect(sizes).toHaveLength(2);
});

it('one process alone has nothing to do', async () => {
  const model = setUp(singleProcess);
  await new SyncBuffersHook().afterTrainEpoch(run);
  expect(valuesOf(model)[0]).toEqual([0, 0]);
});
