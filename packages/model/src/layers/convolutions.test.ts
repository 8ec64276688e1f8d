import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AdaptiveAvgPool1d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  Conv1d,
  Conv2d,
  ConvTranspose1d,
  ConvTranspose2d,
  type Module,
  type Parameter,
  type TensorModule,
} from '../index.js';
import { describeModule } from '../testing/index.js';
import { numbers } from '../testing/numbers.js';

const BOTH = ['weight', 'bias'];
type Row = readonly [label: string, create: () => TensorModule, shape: number[], wrong: number[], names: string[]];
const ROWS: readonly Row[] = [
  ['Conv1d', () => new Conv1d(3, 4, 3, { stride: 2, padding: 1 }), [2, 7, 3], [2, 7, 2], BOTH],
  ['Conv1d, dilated groups', () => new Conv1d(4, 2, 2, { groups: 2, dilation: 3 }), [2, 7, 4], [2, 3, 4], BOTH],
  ['Conv1d, depthwise', () => new Conv1d(2, 4, 3, { groups: 2, padding: 'same' }), [2, 5, 2], [5, 2], BOTH],
  ['Conv2d, same', () => new Conv2d(2, 3, [2, 3], { padding: 'same', dilation: 2 }), [1, 5, 6, 2], [1, 5, 6, 3], BOTH],
  [
    'Conv2d, reflected',
    () => new Conv2d(2, 2, 3, { padding: [2, 1], paddingMode: 'reflect' }),
    [1, 4, 4, 2],
    [1, 2, 4, 2],
    BOTH,
  ],
  [
    'Conv2d, circular',
    () => new Conv2d(2, 2, 3, { padding: 1, paddingMode: 'circular' }),
    [1, 4, 4, 2],
    [1, 4, 4],
    BOTH,
  ],
  [
    'Conv2d, replicated',
    () => new Conv2d(2, 2, 3, { padding: 2, paddingMode: 'replicate' }),
    [1, 2, 3, 2],
    [1, 2, 2, 1],
    BOTH,
  ],
  ['ConvTranspose1d', () => new ConvTranspose1d(3, 2, 4, { stride: 2, padding: 1 }), [2, 4, 3], [2, 4, 2], BOTH],
  [
    'ConvTranspose2d',
    () => new ConvTranspose2d(3, 2, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    [2, 3, 3, 3],
    [2, 3, 3, 2],
    BOTH,
  ],
  [
    'ConvTranspose2d, groups',
    () => new ConvTranspose2d(4, 6, [2, 3], { groups: 2, dilation: [1, 2], bias: false }),
    [1, 3, 4, 4],
    [4, 4],
    ['weight'],
  ],
  [
    'ConvTranspose2d, depthwise',
    () => new ConvTranspose2d(2, 4, 3, { groups: 2, stride: [2, 1], padding: 1 }),
    [1, 3, 4, 2],
    [1, 3, 4, 4],
    BOTH,
  ],
  ['AdaptiveAvgPool1d', () => new AdaptiveAvgPool1d(3), [2, 7, 2], [2, 2], []],
  ['AdaptiveMaxPool1d', () => new AdaptiveMaxPool1d(3), [2, 7, 2], [2, 2], []],
  ['AdaptiveMaxPool2d', () => new AdaptiveMaxPool2d([3, null]), [2, 7, 3, 2], [2, 2], []],
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

describe('convolutions', () => {
  beforeAll(() => wasm().init());

  it.each([
    ['groups', () => new ConvTranspose2d(3, 4, 3, { groups: 2 }), /multiples of groups/],
    ['outputPadding', () => new ConvTranspose1d(3, 4, 3, { outputPadding: 1 }), /below stride or dilation/],
    ['same with a stride', () => new Conv2d(1, 1, 3, { padding: 'same', stride: 2 }), /stride 1/],
    ['a padding unknown', () => new Conv1d(1, 1, 3, { padding: 'full' as 'same' }), /'same' or 'valid'/],
    ['a mode unknown', () => new Conv1d(1, 1, 3, { paddingMode: 'mirror' as 'reflect' }), /zeros, reflect/],
    [
      'three strides',
      () => new Conv2d(1, 1, 3, { stride: [1, 1, 1] as unknown as [number, number] }),
      /one number or 2/,
    ],
    ['an empty output', () => new AdaptiveMaxPool2d(0), /outputSize/],
  ])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create: () => Module, message) => {
    expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION');
    expect(create).toThrow(message);
  });

  it.each([
    [
      'a kernel that reaches too far',
      () => new Conv2d(1, 1, 3, { dilation: 2 }),
      [1, 4, 9, 1],
      /at least 5 places along axis 1/,
    ],
    [
      'a border wider than the image',
      () => new Conv2d(1, 1, 3, { padding: 3, paddingMode: 'circular' }),
      [1, 2, 9, 1],
      /border of 3 by circular/,
    ],
    [
      'an output of nothing',
      () => new ConvTranspose1d(1, 1, 1, { padding: 1 }),
      [1, 2, 1],
      /at least 1 along each axis/,
    ],
  ] as const)('ENGINE_MODEL_SHAPE_MISMATCH: %s', (_, create: () => TensorModule, shape, message) => {
    const layer = create();
    const attempt = (): unknown => tf.tidy(() => void layer.apply(numbers(...shape)));
    expect(attempt).toThrow('ENGINE_MODEL_SHAPE_MISMATCH');
    expect(attempt).toThrow(message);
    layer.dispose();
  });

  it('only Conv2d is depthwise to rules for parameters', () => {
    expect(new Conv2d(3, 6, 1, { groups: 3 }).role).toBe('depthwiseConv');
    expect([new Conv2d(4, 4, 1, { groups: 2 }).role, new Conv1d(3, 3, 1, { groups: 3 }).role]).toEqual([
      undefined,
      undefined,
    ]);
  });

  const geometry = fc.record({
    extents: fc.tuple(fc.integer({ min: 3, max: 7 }), fc.integer({ min: 3, max: 7 })),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
    channels: fc.constantFrom([1, 2, 3], [2, 4, 2], [3, 3, 6]),
  });

  it('ConvTranspose2d is the adjoint of Conv2d: <conv x, y> = <x, transposed y>', () => {
    fc.assert(
      fc.property(geometry, ({ extents, kernel, stride, dilation, padding, channels: [groups, inputs, outputs] }) => {
        const [g, i, o] = [groups, inputs, outputs] as [number, number, number];
        fc.pre(
          [0, 1].every(
            (a) =>
              (extents[a] as number) + 2 * (padding[a] as number) >
              (dilation[a] as number) * ((kernel[a] as number) - 1),
          ),
        );
        const options = { stride, dilation, padding, groups: g, bias: false };
        const conv = new Conv2d(i, o, kernel, options);
        const transposed = new ConvTranspose2d(o, i, kernel, options);
        tf.tidy(() => {
          const weight = toOihw(conv.weight, g);
          transposed.weight.value.assign(tf.transpose(weight, [2, 3, 1, 0]));
          const x = numbers(2, ...extents, i);
          const y = conv.apply(x);
          const dy = tf.cos(numbers(...y.shape));
          const back = transposed.apply(dy, extents);
          expect(back.shape).toEqual(x.shape);
          const [left, right] = [tf.sum(tf.mul(y, dy)), tf.sum(tf.mul(x, back))].map(
            (sum) => sum.dataSync()[0] as number,
          );
          expect(right).toBeCloseTo(left as number, 2);
        });
        conv.dispose();
        transposed.dispose();
      }),
      { numRuns: 40 },
    );
  });

  /** PyTorch's order of a kernel; depthwise ones are (H, W, C, M) here. */
  function toOihw(weight: Parameter, groups: number): tf.Tensor {
    const [height, width, inputs, outputs] = weight.shape as [number, number, number, number];
    if (weight.torchLayout === 'oihw') return tf.transpose(weight.value as tf.Tensor, [3, 2, 0, 1]);
    return tf.transpose(
      tf.reshape(weight.value, [height, width, 1, groups * outputs * (inputs / groups)]),
      [3, 2, 0, 1],
    );
  }
});

describe('AdaptiveMaxPool2d', () => {
  beforeAll(() => wasm().init());

  it('gives the gradient of equal maxima to the first, row by row', () => {
    const gradient = tf.tidy(() => {
      const x = tf.tensor4d([0, 1, 1, 1], [1, 2, 2, 1]);
      return [
        ...tf
          .grad((image: tf.Tensor) => new AdaptiveMaxPool2d(1).apply(image))(x)
          .dataSync(),
      ];
    });
    expect(gradient).toEqual([0, 1, 0, 0]);
  });
});
