import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Module, MultiheadAttention, scaledDotProductAttention } from '../index.js';
import { describeModule } from '../testing/index.js';

const numbers = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.5),
    shape,
  );

describe.each([cpu(), wasm()])('attention on $name', (backend) => {
  describeModule('MultiheadAttention', {
    backend,
    create: () => new MultiheadAttention(4, 2, { dropout: 0.2 }),
    run: (layer) => layer.apply(numbers(3, 2, 4))[0],
    stateNames: ['in_proj_weight', 'in_proj_bias', 'out_proj.weight', 'out_proj.bias'],
    refuse: (layer) => layer.apply(numbers(3, 2, 5)),
  });
  describeModule('MultiheadAttention of other widths, with all that can be added', {
    backend,
    create: () =>
      new MultiheadAttention(4, 2, { kdim: 3, vdim: 5, addBiasKv: true, addZeroAttn: true, batchFirst: true }),
    run: (layer) => layer.apply(numbers(2, 3, 4), numbers(2, 6, 3), numbers(2, 6, 5))[0],
    stateNames: [
      'q_proj_weight',
      'k_proj_weight',
      'v_proj_weight',
      'in_proj_bias',
      'bias_k',
      'bias_v',
      'out_proj.weight',
      'out_proj.bias',
    ],
    refuse: (layer) => layer.apply(numbers(2, 3, 4)),
    tolerance: 0.03,
  });
});

const backend = wasm();
beforeAll(() => backend.init());

const valuesOf = (compute: () => tf.Tensor): number[] => tf.tidy(() => [...compute().dataSync()]);

describe('scaledDotProductAttention', () => {
  it('is a weighted mean of the values', () => {
    const even = valuesOf(() => scaledDotProductAttention(tf.zeros([1, 2, 3]), numbers(1, 4, 3), numbers(1, 4, 2)));
    const mean = valuesOf(() => tf.mean(numbers(1, 4, 2), 1));
    expect(even).toEqual([...mean, ...mean].map((value) => expect.closeTo(value, 5)));
  });

  it('sees nothing after a query when causal, by a bool mask or by a float mask alike', () => {
    const lower = [1, 0, 0, 1, 1, 0, 1, 1, 1];
    const run = (options: () => Parameters<typeof scaledDotProductAttention>[3]): number[] =>
      valuesOf(() => scaledDotProductAttention(numbers(2, 3, 4), numbers(2, 3, 4), numbers(2, 3, 4), options()));
    const causal = run(() => ({ isCausal: true }));
    expect(run(() => ({ mask: tf.tensor2d(lower, [3, 3], 'bool') }))).toEqual(causal);
    const added = lower.map((seen) => (seen === 1 ? 0 : Number.NEGATIVE_INFINITY));
    expect(run(() => ({ mask: tf.tensor2d(added, [3, 3]) }))).toEqual(causal);
    expect(causal.slice(0, 4)).toEqual(valuesOf(() => tf.slice(numbers(2, 3, 4), [0, 0, 0], [1, 1, 4])));
  });

  it('gives zeros to a query that may look nowhere, gradient too', () => {
    const gradient = valuesOf(() => {
      const mask = tf.tensor2d([0, 0, 1, 1], [2, 2], 'bool');
      const run = (x: tf.Tensor): tf.Tensor => scaledDotProductAttention(x, numbers(2, 3), numbers(2, 3), { mask });
      expect([...tf.slice(run(numbers(2, 3)), 0, 1).dataSync()]).toEqual([0, 0, 0]);
      return tf.grad(run)(numbers(2, 3));
    });
    expect(gradient.slice(0, 3)).toEqual([0, 0, 0]);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  it('takes another scale', () => {
    const run = (scale: number): number[] =>
      valuesOf(() => scaledDotProductAttention(numbers(2, 3), numbers(2, 3), numbers(2, 3), { scale }));
    expect(run(1 / Math.sqrt(3))).toEqual(
      valuesOf(() => scaledDotProductAttention(numbers(2, 3), numbers(2, 3), numbers(2, 3))),
    );
    expect(run(5)).not.toEqual(run(1));
  });

  it('ENGINE_MODEL_SHAPE_MISMATCH: keys of another width', () => {
    expect(() => valuesOf(() => scaledDotProductAttention(numbers(2, 3), numbers(2, 4), numbers(2, 3)))).toThrow(
      /ENGINE_MODEL_SHAPE_MISMATCH[\s\S]*\(2, 3\) float32, \(2, 4\) float32/,
    );
  });
});

describe('MultiheadAttention', () => {
  it('returns weights that sum to one, by head or on average, or none', () => {
    const layer = new MultiheadAttention(4, 2, { batchFirst: true });
    layer.initWeights(2);
    tf.tidy(() => {
      const x = numbers(3, 5, 4);
      const [, mean] = layer.apply(x);
      expect(mean?.shape).toEqual([3, 5, 5]);
      for (const sum of tf.sum(mean as tf.Tensor, -1).dataSync()) expect(sum).toBeCloseTo(1, 5);
      expect(layer.apply(x, x, x, { averageAttnWeights: false })[1]?.shape).toEqual([3, 2, 5, 5]);
      expect(layer.apply(x, x, x, { needWeights: false })[1]).toBeUndefined();
    });
    layer.dispose();
  });

  it('isCausal means the mask that PyTorch wants beside it', () => {
    const layer = new MultiheadAttention(4, 2);
    layer.initWeights(2);
    const run = (call: () => Parameters<typeof layer.forward>[3]): number[] =>
      valuesOf(() => {
        const x = numbers(3, 2, 4);
        return layer.apply(x, x, x, call())[0];
      });
    const upper = () => tf.tensor2d([0, 1, 1, 0, 0, 1, 0, 0, 0], [3, 3], 'bool');
    expect(run(() => ({ isCausal: true }))).toEqual(run(() => ({ attnMask: upper() })));
    layer.dispose();
  });

  it('draws its weights again with the same seed, and keeps loaded ones', async () => {
    const [first, second] = [new MultiheadAttention(4, 2), new MultiheadAttention(4, 2)];
    first.initWeights(4);
    const bias = first.outProj.bias?.value.dataSync();
    expect([...(bias ?? [])]).toEqual([0, 0, 0, 0]);
    const state = await first.stateDict();
    second.loadStateDict(state);
    second.initWeights(5, { keep: true });
    expect(await second.stateDict()).toEqual(state);
    for (const module of [first, second]) module.dispose();
  });

  it('ENGINE_MODEL_SHAPE_MISMATCH: masks of another size, naming the path', () => {
    const layer = new MultiheadAttention(4, 2);
    const x = numbers(3, 2, 4);
    const run = (call: Parameters<typeof layer.forward>[3]) => () => tf.tidy(() => void layer.apply(x, x, x, call));
    const [square, row] = [tf.zeros([2, 3]), tf.zeros([3, 2])];
    expect(run({ attnMask: square })).toThrow(
      /ENGINE_MODEL_SHAPE_MISMATCH[\s\S]*attnMask of shape \(3, 3\) or \(4, 3, 3\)/,
    );
    expect(run({ keyPaddingMask: row })).toThrow(/ENGINE_MODEL_SHAPE_MISMATCH[\s\S]*keyPaddingMask of shape \(2, 3\)/);
    tf.dispose([x, square, row]);
    layer.dispose();
  });

  it.each<[string, () => Module]>([
    ['numHeads', () => new MultiheadAttention(4, 3)],
    ['dropout', () => new MultiheadAttention(4, 2, { dropout: 1 })],
    ['kdim', () => new MultiheadAttention(4, 2, { kdim: 0 })],
  ])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create) => expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION'));
});
