import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as model from '../index.js';
import {
  AdaptiveAvgPool3d,
  AdaptiveMaxPool3d,
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  ChannelShuffle,
  CircularPad1d,
  ConstantPad2d,
  Conv3d,
  ConvTranspose3d,
  Fold,
  interpolate,
  LocalResponseNorm,
  LPPool1d,
  LPPool2d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type Module,
  PixelShuffle,
  PixelUnshuffle,
  ReflectionPad2d,
  ReplicationPad3d,
  RMSNorm,
  type TensorModule,
  Unfold,
  Upsample,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
  ZeroPad2d,
} from '../index.js';
import { describeModule } from '../testing/index.js';
import { numbers } from '../testing/numbers.js';

/** Lets the conformance kit see the gradient of the input: a parameter is added to it. */
class Shifted extends model.Module {
  readonly layer: TensorModule;
  readonly shift: model.Parameter;
  constructor(layer: TensorModule, shape: readonly number[]) {
    super();
    this.layer = layer;
    this.shift = new model.Parameter(shape, model.constant(0));
  }
  forward(x: tf.Tensor): tf.Tensor {
    return this.layer.apply(tf.add(x, this.shift.value));
  }
}

type Row = readonly [label: string, create: () => TensorModule, shape: number[], wrong: number[]];
const ROWS: readonly Row[] = [
  ['MaxPool1d', () => new MaxPool1d(3, { stride: 2, padding: 1 }), [2, 7, 2], [2, 2]],
  [
    'MaxPool2d, dilated',
    () => new MaxPool2d(2, { dilation: [2, 3], stride: [1, 2], padding: 1 }),
    [1, 6, 7, 2],
    [1, 1],
  ],
  ['MaxPool3d', () => new MaxPool3d(2, { ceilMode: true }), [1, 3, 4, 5, 2], [1, 4, 4, 2]],
  ['AvgPool1d', () => new AvgPool1d(3, { padding: 1, countIncludePad: false }), [2, 7, 2], [2, 2]],
  ['AvgPool2d, divided', () => new AvgPool2d(2, { divisorOverride: 3, padding: 1 }), [1, 5, 5, 2], [1, 5, 5]],
  ['AvgPool3d', () => new AvgPool3d([2, 3, 2], { stride: 1, padding: [1, 1, 0] }), [1, 3, 4, 4, 2], [1, 3, 4, 2]],
  ['Upsample, nearest', () => new Upsample({ scaleFactor: 1.5 }), [1, 4, 3, 2], [4, 3]],
  ['Upsample, linear', () => new Upsample({ size: 7, mode: 'linear' }), [2, 4, 2], [1, 4, 3, 2]],
  ['Upsample, bicubic', () => new Upsample({ size: [5, 7], mode: 'bicubic' }), [1, 4, 3, 2], [1, 4, 3]],
  ['Upsample, trilinear', () => new Upsample({ scaleFactor: 2, mode: 'trilinear' }), [1, 2, 3, 2, 1], [1, 4, 3, 2]],
  ['Upsample, area', () => new Upsample({ size: [3, 2], mode: 'area' }), [1, 5, 4, 2], [4, 3]],
  ['UpsamplingBilinear2d', () => new UpsamplingBilinear2d({ scaleFactor: 2 }), [1, 3, 3, 2], [3, 3, 2]],
  ['UpsamplingNearest2d', () => new UpsamplingNearest2d({ size: 5 }), [1, 3, 3, 2], [3, 2]],
  ['PixelShuffle', () => new PixelShuffle(2), [2, 2, 3, 8], [1, 2, 2, 3]],
  ['PixelUnshuffle', () => new PixelUnshuffle(2), [2, 4, 6, 2], [1, 3, 4, 1]],
  ['ChannelShuffle', () => new ChannelShuffle(2), [1, 2, 3, 4], [1, 2, 3, 3]],
  ['AdaptiveAvgPool3d', () => new AdaptiveAvgPool3d([2, null, 3]), [1, 3, 2, 4, 2], [1, 4, 4, 2]],
  ['AdaptiveMaxPool3d', () => new AdaptiveMaxPool3d(2), [1, 3, 2, 5, 2], [1, 4, 4, 2]],
  ['LPPool1d', () => new LPPool1d(2, 3, { stride: 2 }), [2, 7, 2], [2, 2]],
  ['Upsample, area of volumes', () => new Upsample({ size: [1, 3, 2], mode: 'area' }), [1, 2, 4, 3, 1], [4, 3]],
  ['Unfold', () => new Unfold([2, 3], { stride: [2, 1], padding: 1, dilation: [1, 2] }), [1, 4, 5, 2], [1, 1, 1, 2]],
  ['Fold', () => new Fold([3, 4], 2, { padding: 1, stride: [1, 2] }), [1, 12, 8], [1, 12, 7]],
  ['LocalResponseNorm', () => new LocalResponseNorm(3, { alpha: 0.5, beta: 1.5, k: 2 }), [2, 2, 5], [2, 5]],
  ['RMSNorm', () => new RMSNorm([2, 3], { elementwiseAffine: false }), [2, 2, 3], [2, 3, 2]],
  ['ZeroPad2d', () => new ZeroPad2d([1, -1, 2, 0]), [1, 3, 4, 2], [3, 4, 2]],
  ['ConstantPad2d', () => new ConstantPad2d(1, 3.5), [1, 3, 4, 2], [3, 4, 2]],
  ['ReflectionPad2d', () => new ReflectionPad2d([2, 1, 0, 2]), [1, 3, 4, 2], [1, 2, 4, 2]],
  ['ReplicationPad3d', () => new ReplicationPad3d([1, 0, 2, 1, 0, 3]), [1, 2, 2, 3, 2], [1, 2, 3, 2]],
  ['CircularPad1d', () => new CircularPad1d([2, 3]), [2, 4, 2], [2, 2, 2]],
];

describe.each([cpu(), wasm()])('on $name', (backend) => {
  for (const [label, create, shape, wrong] of ROWS) {
    describeModule(label, {
      backend,
      create: () => new Shifted(create(), shape),
      stateNames: ['shift'],
      run: (layer) => layer.apply(numbers(...shape)),
      refuse: (layer) => layer.layer.apply(numbers(...wrong)),
    });
  }
  describeModule('Conv3d', {
    backend,
    create: () =>
      new Conv3d(2, 4, [2, 3, 2], { stride: [2, 1, 2], padding: [1, 1, 0], dilation: [1, 2, 1], groups: 2 }),
    stateNames: ['weight', 'bias'],
    run: (layer) => layer.apply(numbers(1, 3, 5, 4, 2)),
    refuse: (layer) => layer.apply(numbers(1, 3, 5, 4)),
  });
  describeModule('ConvTranspose3d', {
    backend,
    create: () =>
      new ConvTranspose3d(2, 4, [2, 3, 1], {
        stride: [2, 1, 3],
        padding: [1, 1, 0],
        outputPadding: [1, 0, 2],
        dilation: [1, 2, 1],
        groups: 2,
      }),
    stateNames: ['weight', 'bias'],
    run: (layer) => layer.apply(numbers(1, 3, 3, 2, 2)),
    refuse: (layer) => layer.apply(numbers(1, 3, 5, 4)),
  });
});

describe('spatial layers', () => {
  beforeAll(() => wasm().init());
  const values = (compute: () => tf.Tensor): number[] => tf.tidy(() => [...compute().dataSync()]);

  it.each([
    ['size and factor', () => new Upsample({ size: 2, scaleFactor: 2 }), /either size or scaleFactor/],
    ['neither', () => new Upsample({}), /either size or scaleFactor/],
    ['a mode', () => new Upsample({ size: 2, mode: 'lanczos' as 'area' }), /mode nearest/],
    ['corners', () => new Upsample({ size: 2, alignCorners: true }), /alignCorners/],
    ['a factor', () => new Upsample({ scaleFactor: 0 }), /scaleFactor above 0/],
    ['a size', () => new Upsample({ size: 1.5 }), /size in integers/],
    ['recomputing', () => new Upsample({ size: 2, recomputeScaleFactor: true }), /recomputeScaleFactor/],
    ['three sides', () => new ZeroPad2d([1, 2, 3]), /one number or 4/],
    ['negative borders', () => new ReflectionPad2d(-1), /padding to be an integer/],
    ['a divisor', () => new AvgPool2d(2, { divisorOverride: 0 }), /divisorOverride/],
    ['a shuffle', () => new PixelShuffle(0), /upscaleFactor/],
    ['groups of a shuffle', () => new ChannelShuffle(0), /groups/],
    ['a norm', () => new LPPool2d(0, 2), /normType above 0/],
    ['blocks', () => new Unfold([1, 0]), /kernelSize/],
    ['an image of blocks', () => new Fold(0, 2), /outputSize/],
    ['sizes of a volume', () => new AdaptiveMaxPool3d([1, 0, 2]), /outputSize/],
    ['more output padding than stride', () => new ConvTranspose3d(1, 1, 2, { outputPadding: 1 }), /outputPadding/],
    ['a response of nothing', () => new LocalResponseNorm(0), /size/],
    ['axes of a norm', () => new RMSNorm([]), /number of axes/],
  ])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create: () => Module, message) => {
    expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION');
    expect(create).toThrow(message);
  });

  it('PixelShuffle keeps the order of PyTorch: channel c r² + i r + j goes to pixel (i, j) of channel c', () => {
    const x = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(values(() => new PixelShuffle(2).apply(tf.tensor4d(x, [1, 1, 1, 8])))).toEqual([0, 4, 1, 5, 2, 6, 3, 7]);
    expect(values(() => new PixelUnshuffle(2).apply(new PixelShuffle(2).apply(tf.tensor4d(x, [1, 1, 1, 8]))))).toEqual(
      x,
    );
  });

  it('interpolates as PyTorch', () => {
    const row = (options: model.InterpolateOptions): number[] =>
      values(() => interpolate(tf.tensor3d([1, 2, 4], [1, 3, 1]), options));
    expect(row({ size: 5 })).toEqual([1, 1, 2, 2, 4]);
    expect(row({ size: 5, mode: 'nearest-exact' })).toEqual([1, 1, 2, 4, 4]);
    expect(row({ size: 5, mode: 'linear', alignCorners: true })).toEqual([1, 1.5, 2, 3, 4]);
    expect(row({ size: 6, mode: 'linear' })).toEqual([1, 1.25, 1.75, 2.5, 3.5, 4]);
    expect(row({ scaleFactor: 1.3, mode: 'linear' })).toEqual([1, 2, 4]); // an extent that stays is copied
  });

  it('Fold of Unfold counts how often each place is seen', () => {
    const blocks = { stride: 2, padding: 1 } as const;
    const seen = values(() => new Fold([3, 3], 3, blocks).apply(new Unfold(3, blocks).apply(tf.ones([1, 3, 3, 1]))));
    expect(seen).toEqual([1, 2, 1, 2, 4, 2, 1, 2, 1]);
  });

  it('gives the gradient of equal maxima to the first, dilated or not', () => {
    for (const layer of [new MaxPool2d(2), new MaxPool2d(2, { dilation: 2, stride: 1 })]) {
      const extent = layer.dilation[0] + 1;
      const gradient = values(() => tf.grad((x: tf.Tensor) => layer.apply(x))(tf.ones([1, extent, extent, 1])));
      expect([gradient[0], gradient.reduce((sum, each) => sum + each, 0)]).toEqual([1, 1]);
    }
  });
});
