import { cpu } from '@engine/backend-cpu';
import { DeviceScalar, type HostArray, hostArray, StepOutputs } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { crossEntropy, type HostBatch, type LossMinimizer } from '../index.js';
import { LayersModelAdapter } from './index.js';

beforeAll(() => cpu().init());

function network(): layers.LayersModel {
  const inner = layers.sequential({
    layers: [
      layers.layers.dense({ units: 4, inputShape: [3] }),
      layers.layers.batchNormalization(),
      layers.layers.activation({ activation: 'relu' }),
    ],
  });
  return layers.sequential({
    layers: [inner, layers.layers.dropout({ rate: 0.5 }), layers.layers.dense({ units: 2 })],
  });
}

let adapter: LayersModelAdapter;
beforeEach(() => {
  adapter = new LayersModelAdapter({
    model: network(),
    loss: (logits, labels) => crossEntropy(logits as tf.Tensor, labels as tf.Tensor),
  });
});
afterEach(() => adapter.dispose());

const batch: HostBatch = {
  inputs: hostArray('float32', [4, 3], Float32Array.of(1, 2, 3, -1, 0, 1, 2, 2, 2, 0, 0, 1)),
  samples: hostArray('int32', [4], Int32Array.of(0, 1, 0, 1)),
};

/** Looks at gradients and steps nowhere. */
const looking = (seen: string[]): LossMinimizer => ({
  updateParams: (lossFn) => {
    const trainable = [...adapter.namedParameters().values()].filter((weight) => weight.trainable);
    let loss: tf.Tensor | undefined;
    const { grads } = tf.variableGrads(
      () => {
        const result = lossFn() as { loss: tf.Tensor };
        loss = tf.keep(tf.clone(result.loss));
        return result.loss as tf.Scalar;
      },
      trainable.map((weight) => weight.value),
    );
    seen.push(...trainable.filter((weight) => grads[weight.value.name] !== undefined).map((weight) => weight.name));
    return new StepOutputs({ loss: new DeviceScalar(loss as tf.Tensor) });
  },
});

describe('LayersModelAdapter', () => {
  it('names weights by the place of their layer, nested ones too', () => {
    expect([...adapter.namedParameters()].map(([name, { shape, trainable }]) => [name, [...shape], trainable])).toEqual(
      [
        ['0.0.kernel', [3, 4], true],
        ['0.0.bias', [4], true],
        ['0.1.gamma', [4], true],
        ['0.1.beta', [4], true],
        ['0.1.moving_mean', [4], false],
        ['0.1.moving_variance', [4], false],
        ['2.kernel', [4, 2], true],
        ['2.bias', [2], true],
      ],
    );
  });

  it('gives all trainable weights gradients, and keeps nothing', () => {
    const seen: string[] = [];
    adapter.trainStep(batch, looking(seen)).dispose();
    expect(seen).toEqual([...adapter.namedParameters()].filter(([, w]) => w.trainable).map(([name]) => name));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) adapter.trainStep(batch, looking(seen)).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains the moving statistics, and evaluates with them and without dropout', async () => {
    const moving = async (): Promise<HostArray> => (await adapter.stateDict()).get('0.1.moving_mean') as HostArray;
    const before = await moving();
    adapter.trainStep(batch, looking([])).dispose();
    const after = await moving();
    expect(after).not.toEqual(before);
    adapter.eval();
    tf.tidy(() => {
      const [once] = adapter.valStep(batch).predictions as [tf.Tensor];
      const step = adapter.testStep(batch, { loss: true });
      const [twice, labels] = step.predictions as [tf.Tensor, tf.Tensor];
      expect(twice.dataSync()).toEqual(once.dataSync());
      expect([labels.dtype, Object.keys(step.losses ?? {})]).toEqual(['int32', ['loss']]);
    });
    expect(await moving()).toEqual(after);
    expect(adapter.train().training).toBe(true);
  });

  it('freezes weights', () => {
    const kernel = adapter.namedParameters().get('2.kernel');
    if (kernel !== undefined) kernel.trainable = false;
    const seen: string[] = [];
    adapter.trainStep(batch, looking(seen)).dispose();
    expect(seen).not.toContain('2.kernel');
  });

  it('loads what another one has saved, all or nothing', async () => {
    const other = new LayersModelAdapter({ model: network(), loss: () => tf.scalar(0), predict: (outputs) => outputs });
    const state = await adapter.stateDict();
    other.loadStateDict(state);
    expect(await other.stateDict()).toEqual(state);
    const part = new Map([...state].slice(0, 1));
    expect(() => other.loadStateDict(part)).toThrow(/ENGINE_MODEL_STATE_MISMATCH[\s\S]*missing: 0\.0\.bias/);
    other.loadStateDict(part, { strict: false });
    const wrong = new Map([['2.bias', hostArray('float32', [3], new Float32Array(3))]]);
    expect(() => other.loadStateDict(wrong, { strict: false })).toThrow(/2\.bias \(3\) instead of \(2\)/);
    other.dispose();
  });

  it('ENGINE_MODEL_BAD_LAYERS_MODEL: nothing, not built, without weights', () => {
    const make = (model: unknown) => (): unknown =>
      new LayersModelAdapter({ model: model as layers.LayersModel, loss: () => tf.scalar(0) });
    expect(make(undefined)).toThrow('ENGINE_MODEL_BAD_LAYERS_MODEL');
    expect(make(layers.sequential())).toThrow(/not built/);
    expect(make(layers.sequential({ layers: [layers.layers.flatten({ inputShape: [2, 2] })] }))).toThrow(
      /without weights/,
    );
  });
});
