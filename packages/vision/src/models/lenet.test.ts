import { cpu } from '@engine/backend-cpu';
import { hostArray, sizeOf, TorchGenerator } from '@engine/core';
import { ImgDataPreprocessor } from '@engine/model';
import { directionalError } from '@engine/model/testing';
import { Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LeNet5 } from './lenet.js';

let model: LeNet5;
beforeAll(() => cpu().init());
beforeEach(() => {
  model = new LeNet5();
  model.initWeights(0);
});
afterEach(() => model.dispose());

const digits = (count: number) =>
  hostArray(
    'uint8',
    [count, 28, 28, 1],
    Uint8Array.from({ length: count * 784 }, (_, i) => (i * 7919) % 256),
  );
const labels = (...values: number[]) => hostArray('int64', [values.length], BigInt64Array.from(values, BigInt));

describe('LeNet5', () => {
  it('has 61706 parameters under the names that PyTorch would give them', () => {
    const parameters = model.namedParameters();
    expect([...parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(61706);
    expect([...parameters.keys()]).toEqual(
      ['features.0', 'features.3', 'classifier.0', 'classifier.2', 'classifier.5'].flatMap((name) => [
        `${name}.weight`,
        `${name}.bias`,
      ]),
    );
  });

  it("starts with PyTorch's weights: the first bias follows the first weight in the stream", async () => {
    const state = await model.stateDict();
    const generator = new TorchGenerator(0);
    const bound = 1 / 5;
    generator.uniform(150);
    const bias = generator.uniform(6, -bound, bound);
    expect(state.get('features.0.bias')?.data).toEqual(bias);
  });

  it('answers in three modes', () => {
    tf.tidy(() => {
      const images = tf.ones([2, 28, 28, 1]) as tf.Tensor4D;
      const target = tf.tensor1d([1, 2], 'int32');
      expect((model.apply(images, target, 'tensor') as tf.Tensor).shape).toEqual([2, 10]);
      expect((model.apply(images, target, 'predict') as tf.Tensor[]).map(({ shape }) => shape)).toEqual([[2, 10], [2]]);
      const { loss } = model.apply(images, target, 'loss') as { loss: tf.Tensor };
      expect(loss.shape).toEqual([]);
      expect(loss.dataSync()[0]).toBeCloseTo(Math.log(10), 0);
    });
  });

  it('has right gradients where the network is smooth', async () => {
    model.dataPreprocessor = new ImgDataPreprocessor({ mean: [127.5], std: [127.5] });
    const output = (): tf.Tensor => {
      const { inputs, samples } = model.dataPreprocessor.process({ inputs: digits(2), samples: labels(3, 4) }, true);
      return (model.apply(inputs as tf.Tensor4D, samples as tf.Tensor1D, 'loss') as { loss: tf.Tensor }).loss;
    };
    for (const name of ['classifier.5.weight', 'classifier.5.bias']) {
      const parameter = model.namedParameters().get(name);
      if (parameter === undefined) throw new Error(name);
      expect(await directionalError({ output, parameter, seed: 1 }), name).toBeLessThan(0.03);
    }
  });

  it('refuses other images, and labels beyond its classes', () => {
    expect(() =>
      model.valStep({ inputs: hostArray('float32', [1, 1, 28, 28], new Float32Array(784)), samples: labels(0) }),
    ).toThrow(/ENGINE_MODEL_SHAPE_MISMATCH {2}features\.0 \(Conv2d\)/);
    model.dataPreprocessor = new ImgDataPreprocessor();
    expect(() => model.valStep({ inputs: digits(1), samples: labels(10) }, { loss: true })).toThrow(
      'ENGINE_MODEL_LABEL_OUT_OF_RANGE',
    );
  });

  it('is built from a config, in either spelling, with its preprocessor', async () => {
    const registry = new Registry();
    registry.register(LeNet5);
    registry.register(ImgDataPreprocessor);
    const config = {
      type: 'LeNet5',
      num_classes: 4,
      dropout: 0.5,
      dataPreprocessor: { type: 'ImgDataPreprocessor', mean: [33.3], std: [78.6] },
    };
    const built = registry.build('model', config) as LeNet5;
    expect(built.dataPreprocessor).toBeInstanceOf(ImgDataPreprocessor);
    expect(built.namedParameters().get('classifier.5.weight')?.shape).toEqual([4, 84]);
    built.dispose();
  });

  it('refuses options it does not know', () => {
    expect(() => new LeNet5({ numClasses: 0 })).toThrow('ENGINE_REGISTRY_BAD_OPTION_VALUE');
  });
});

it('takes initCfg from a config', async () => {
  const registry = new Registry();
  registry.register(LeNet5);
  const own = registry.build('model', { type: 'LeNet5', initCfg: { type: 'Constant', val: 0.5, layer: 'Linear' } });
  own.initWeights?.(0);
  const state = await own.stateDict();
  expect(state.get('classifier.5.weight')?.data[0]).toBe(0.5);
  expect(state.get('features.0.weight')).toEqual((await model.stateDict()).get('features.0.weight'));
  own.dispose();
});
