import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  type Module,
  SyncBatchNorm,
  type TensorModule,
} from '../index.js';
import { describeModule } from '../testing/index.js';
import { numbers } from '../testing/numbers.js';

const AFFINE = ['weight', 'bias'];
const TRACKED = ['running_mean', 'running_var', 'num_batches_tracked'];

type Row = readonly [label: string, create: () => TensorModule, shape: number[], wrong: number[], names: string[]];
const ROWS: readonly Row[] = [
  ['BatchNorm1d', () => new BatchNorm1d(3), [6, 3], [6, 2], [...AFFINE, ...TRACKED]],
  ['BatchNorm1d of sequences', () => new BatchNorm1d(3), [2, 4, 3], [2, 2, 2, 3], [...AFFINE, ...TRACKED]],
  ['BatchNorm3d', () => new BatchNorm3d(2), [2, 2, 3, 2, 2], [2, 2, 3, 2], [...AFFINE, ...TRACKED]],
  ['SyncBatchNorm', () => new SyncBatchNorm(2), [2, 3, 2, 2], [2], [...AFFINE, ...TRACKED]],
  ['BatchNorm2d, nothing learned', () => new BatchNorm2d(2, { affine: false }), [2, 3, 2, 2], [2, 2], TRACKED],
  ['LayerNorm', () => new LayerNorm(5), [2, 3, 5], [2, 3, 4], AFFINE],
  ['LayerNorm of two axes', () => new LayerNorm([3, 4], { bias: false }), [2, 2, 3, 4], [2, 4, 4], ['weight']],
  ['LayerNorm, nothing learned', () => new LayerNorm([4], { elementwiseAffine: false }), [3, 4], [4, 3], []],
  ['GroupNorm', () => new GroupNorm(2, 6), [2, 3, 2, 6], [2, 3, 2, 4], AFFINE],
  ['GroupNorm of vectors', () => new GroupNorm(2, 6, { affine: false }), [3, 6], [6], []],
  ['InstanceNorm1d', () => new InstanceNorm1d(3), [2, 5, 3], [2, 3], []],
  ['InstanceNorm2d', () => new InstanceNorm2d(3, { affine: true }), [2, 4, 3, 3], [2, 4, 3, 2], AFFINE],
  ['InstanceNorm3d', () => new InstanceNorm3d(2, { trackRunningStats: true }), [2, 2, 2, 3, 2], [2, 2, 2], TRACKED],
];

describe.each([cpu(), wasm()])('on $name', (backend) => {
  for (const [label, create, shape, wrong, stateNames] of ROWS) {
    describeModule(label, {
      backend,
      create,
      stateNames,
      run: (layer) => layer.apply(numbers(...shape)),
      refuse: (layer) => layer.apply(numbers(...wrong)),
    });
  }
});

describe('norms', () => {
  beforeAll(() => wasm().init());
  const run = (layer: TensorModule, x: tf.Tensor): Float32Array =>
    tf.tidy(() => layer.apply(x).dataSync() as Float32Array);
  const runOnce = (layer: TensorModule, x: tf.Tensor): number[] => {
    const values = [...run(layer, x)].map((value) => Number(value.toFixed(4)));
    layer.dispose();
    return values;
  };

  it('tell rules for parameters what they are', () => {
    const roles = ROWS.map(([, create]) => create().role);
    expect(new Set(roles)).toEqual(new Set(['norm']));
  });

  it.each([
    ['GroupNorm', () => new GroupNorm(4, 6), /multiple of numGroups/],
    ['GroupNorm of nothing', () => new GroupNorm(0, 6), /numGroups/],
    ['LayerNorm of no axis', () => new LayerNorm([]), /number of axes/],
    ['LayerNorm', () => new LayerNorm(3, { eps: Number.NaN }), /eps/],
    ['InstanceNorm2d', () => new InstanceNorm2d(3, { momentum: -1 }), /momentum/],
    ['BatchNorm3d', () => new BatchNorm3d(1.5), /numFeatures/],
  ])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create: () => Module, message) => {
    expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION');
    expect(create).toThrow(message);
  });

  it.each([
    ['InstanceNorm1d', () => new InstanceNorm1d(3), [2, 1, 3]],
    ['GroupNorm', () => new GroupNorm(3, 3), [1, 1, 3]],
    ['BatchNorm1d', () => new BatchNorm1d(3), [1, 3]],
  ] as const)('ENGINE_MODEL_BATCH_TOO_SMALL: %s of single values', (_, create: () => TensorModule, shape) => {
    const layer = create();
    expect(() => tf.tidy(() => void layer.apply(numbers(...shape)))).toThrow('ENGINE_MODEL_BATCH_TOO_SMALL');
    layer.dispose();
  });

  it('LayerNorm says which axes it wants', () => {
    const layer = new LayerNorm([3, 4]);
    expect(() => tf.tidy(() => void layer.apply(numbers(2, 5, 4)))).toThrow(/\(\.\.\., 3, 4\)[\s\S]*\(2, 5, 4\)/);
    expect(() => tf.tidy(() => void layer.apply(numbers(4)))).toThrow('ENGINE_MODEL_SHAPE_MISMATCH');
  });

  it('groups of all channels are a LayerNorm of the sample, groups of one an InstanceNorm', () => {
    const x = numbers(2, 3, 2, 4);
    expect(runOnce(new GroupNorm(1, 4), x)).toEqual(runOnce(new LayerNorm([3, 2, 4]), x));
    expect(runOnce(new GroupNorm(4, 4), x)).toEqual(runOnce(new InstanceNorm2d(4), x));
    x.dispose();
  });

  it('InstanceNorm moves running statistics in training only, and counts no batches', async () => {
    const layer = new InstanceNorm1d(2, { trackRunningStats: true });
    const x = tf.tensor3d([1, 10, 3, 30, 5, 50, 7, 70], [2, 2, 2]);
    run(layer, x);
    const state = async (name: string): Promise<unknown[]> => [...((await layer.stateDict()).get(name)?.data ?? [])];
    const moved = await state('running_mean');
    expect(moved).toEqual([expect.closeTo(0.4), expect.closeTo(4)]);
    expect(await state('running_var')).toEqual([expect.closeTo(0.9 + 0.2), expect.closeTo(0.9 + 20, 3)]);
    expect(await state('num_batches_tracked')).toEqual([0n]);
    run(layer.eval(), x);
    expect(await state('running_mean')).toEqual(moved);
    layer.dispose();
    x.dispose();
  });

  it('a null momentum leaves the running statistics of an InstanceNorm alone', async () => {
    const layer = new InstanceNorm1d(1, { trackRunningStats: true, momentum: null });
    const x = numbers(2, 3, 1);
    run(layer, x);
    expect([...((await layer.stateDict()).get('running_mean')?.data ?? [])]).toEqual([0]);
    layer.dispose();
    x.dispose();
  });
});
