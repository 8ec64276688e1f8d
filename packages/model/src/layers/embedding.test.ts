import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import { hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Bilinear, Embedding, EmbeddingBag, type Module } from '../index.js';
import { describeModule } from '../testing/index.js';

const indices = (): tf.Tensor => tf.tensor2d([0, 2, 4, 2], [2, 2], 'int32');
const numbers = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.5),
    shape,
  );

describe.each([cpu(), wasm()])('tables on $name', (backend) => {
  describeModule('Embedding', {
    backend,
    create: () => new Embedding(5, 3, { paddingIdx: -4, maxNorm: 100 }),
    run: (layer) => tf.mul(layer.apply(indices()), 1),
    stateNames: ['weight'],
    refuse: (layer) => layer.apply(tf.zeros([2])),
  });
  for (const mode of ['sum', 'mean', 'max'] as const) {
    describeModule(`EmbeddingBag, ${mode}`, {
      backend,
      create: () => new EmbeddingBag(5, 3, { mode }),
      run: (layer) => layer.apply(indices()),
      stateNames: ['weight'],
      refuse: (layer) => layer.apply(tf.zeros([2], 'int32')),
    });
  }
  describeModule('Bilinear', {
    backend,
    create: () => new Bilinear(3, 4, 2),
    run: (layer) => layer.apply(numbers(5, 3), numbers(5, 4)),
    stateNames: ['weight', 'bias'],
    refuse: (layer) => layer.apply(numbers(5, 3), numbers(5, 3)),
  });
});

const backend = cpu();
beforeAll(() => backend.init());

/** Gradient of the sum of what is looked up. */
function slopes(layer: Embedding, rows: number[]): number[] {
  return tf.tidy(() => {
    const { grads } = tf.variableGrads(
      () => tf.sum(layer.apply(tf.tensor1d(rows, 'int32'))) as tf.Scalar,
      [layer.weight.value],
    );
    return [...(grads[layer.weight.value.name] as tf.Tensor).dataSync()];
  });
}

describe('Embedding', () => {
  it('shares the gradient out among lookups of one row', () => {
    const layer = new Embedding(3, 1, { scaleGradByFreq: true });
    expect(slopes(layer, [2, 0, 2, 2])).toEqual([1, 0, 1]);
    layer.dispose();
  });

  it('scales the rows that are looked up down to the largest norm, for good, and leaves the others', () => {
    const layer = new Embedding(3, 2, { maxNorm: 1 });
    layer.weight.load(hostArray('float32', [3, 2], Float32Array.of(3, 4, 0.1, 0.2, 5, 0)));
    tf.tidy(() => {
      layer.apply(tf.tensor1d([0, 1], 'int32'));
    });
    const after = [...layer.weight.value.dataSync()];
    expect(after).toEqual([0.6, 0.8, 0.1, 0.2, 5, 0].map((value) => expect.closeTo(value, 5)));
    layer.dispose();
  });

  it('counts for nothing in a bag where it is padding, whatever the mode', () => {
    for (const mode of ['sum', 'mean', 'max'] as const) {
      const bag = new EmbeddingBag(3, 2, { mode, paddingIdx: 0 });
      bag.initWeights(1);
      const of = (...rows: number[]): number[] =>
        tf.tidy(() => [...bag.apply(tf.tensor2d(rows, [1, rows.length], 'int32')).dataSync()].map((x) => x + 0));
      expect(of(1, 0, 2)).toEqual(of(1, 2));
      expect(of(0, 0)).toEqual([0, 0]);
      bag.dispose();
    }
  });

  it.each<[string, () => Module]>([
    ['paddingIdx', () => new Embedding(3, 2, { paddingIdx: -4 })],
    ['maxNorm', () => new Embedding(3, 2, { maxNorm: 0 })],
    ['normType', () => new Embedding(3, 2, { normType: -1 })],
    ['mode', () => new EmbeddingBag(3, 2, { mode: 'min' as 'max' })],
    ['Bilinear', () => new Bilinear(3, 0, 2)],
  ])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create) => expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION'));
});
