import { cpu } from '@engine/backend-cpu';
import { hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BaseModel, Conv2d, Dropout, Flatten, Linear, type Mode, ReLU, Sequential, summarizeModel } from './index.js';

beforeAll(() => cpu().init());

/** 1x8x8 pictures: a convolution, a depthwise one, and two linear layers of which one is called twice. */
class Net extends BaseModel {
  readonly features = new Sequential(
    new Conv2d(1, 4, 3, { padding: 1 }),
    new ReLU(),
    new Conv2d(4, 4, 3, { padding: 1, groups: 4 }),
    new Flatten(),
  );
  readonly drop = new Dropout(0.5);
  readonly fc = new Linear(256, 16, { bias: false });
  readonly twice = new Linear(16, 16);
  readonly unused = new Linear(3, 2);

  override forward(inputs: tf.Tensor4D, _samples: unknown, _mode: Mode): unknown {
    const hidden = this.fc.apply(this.drop.apply(this.features.apply(inputs) as tf.Tensor2D)) as tf.Tensor2D;
    return [this.twice.apply(this.twice.apply(hidden) as tf.Tensor2D)];
  }
}

const batch = { inputs: hostArray('float32', [2, 8, 8, 1], new Float32Array(128)) };

describe('summarizeModel', () => {
  it('counts parameters and multiply-adds of each layer by their formulas', () => {
    const model = new Net();
    model.initWeights(0);
    model.fc.weight.trainable = false;
    const { layers, ...all } = summarizeModel(model, batch);
    const rows = Object.fromEntries(
      layers.map(({ path, type, outputs, parameters, multiplyAdds, calls }) => [
        path,
        [type, outputs[0], parameters, multiplyAdds, calls],
      ]),
    );
    expect(rows).toEqual({
      '': ['Net', [2, 16], 0, 0, 1],
      features: ['Sequential', [2, 256], 0, 0, 1],
      'features.0': ['Conv2d', [2, 8, 8, 4], 40, 2 * 64 * 4 * 9, 1],
      'features.1': ['ReLU', [2, 8, 8, 4], 0, 0, 1],
      'features.2': ['Conv2d', [2, 8, 8, 4], 40, 2 * 64 * 4 * 9, 1],
      'features.3': ['Flatten', [2, 256], 0, 0, 1],
      drop: ['Dropout', [2, 256], 0, 0, 1],
      fc: ['Linear', [2, 16], 4096, 2 * 256 * 16, 1],
      twice: ['Linear', [2, 16], 272, 2 * 2 * 16 * 16, 2],
      unused: ['Linear', undefined, 8, 0, 0],
    });
    const parameters = 40 + 40 + 4096 + 272 + 8;
    expect(all).toEqual({
      parameters,
      trainable: parameters - 4096,
      bytes: 4 * parameters,
      multiplyAdds: 2 * (2 * 64 * 4 * 9) + 2 * 256 * 16 + 2 * 2 * 16 * 16,
      batchSize: 2,
    });
    model.dispose();
  });

  it('leaves the model as it was, and no tensor or hook behind', () => {
    const model = new Net();
    model.initWeights(0);
    summarizeModel(model, batch);
    const before = tf.memory().numTensors;
    expect(model.training).toBe(true);
    model.eval();
    summarizeModel(model, batch);
    expect([model.training, tf.memory().numTensors]).toEqual([false, before]);
    expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
    model.dispose();
  });

  it('ends its watch when the model throws', () => {
    const model = new Net();
    model.initWeights(0);
    expect(() => summarizeModel(model, { inputs: hostArray('float32', [2, 4, 4, 1], new Float32Array(32)) })).toThrow(
      /ENGINE_MODEL_/,
    );
    expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
    model.dispose();
  });
});
