/** A thousand updates, swaps included: averages own one tensor for each of the model's, and nothing else stays. */
import { cpu } from '@engine/backend-cpu';
import { tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BatchNorm1d,
  ExponentialMovingAverage,
  Linear,
  MomentumAnnealingEMA,
  Sequential,
  StochasticWeightAverage,
} from '../index.js';

beforeAll(() => cpu().init());

const live = (): { tensors: number; bytes: number } => {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, bytes: numBytes };
};

describe('a thousand updates leave nothing behind:', () => {
  it.each([
    ['ExponentialMovingAverage', ExponentialMovingAverage, { momentum: 0.1, updateBuffers: true }],
    ['MomentumAnnealingEMA', MomentumAnnealingEMA, { gamma: 10 }],
    ['StochasticWeightAverage', StochasticWeightAverage, { interval: 3 }],
  ] as const)('%s', (_, Type, options) => {
    const before = live();
    const model = new Sequential(new Linear(3, 2), new BatchNorm1d(2));
    model.initWeights(0);
    const average = new Type(model, options as object);
    const update = (i: number): void => {
      tensorScope(() => {
        for (const { value } of model.parameters()) value.assign(tf.mul(tf.ones([...value.shape]), Math.sin(i)));
      });
      average.updateParameters(model);
      if (i % 10 !== 9) return;
      average.swap();
      average.swap();
    };
    for (let i = 0; i < 20; i++) update(i);
    const warm = live();
    for (let i = 20; i < 1000; i++) update(i);
    expect(live()).toEqual(warm);
    expect(average.ownedTensors).toBe(7); // two weights of each layer, and three buffers
    average.dispose();
    model.dispose();
    expect(live()).toEqual(before);
  });
});
