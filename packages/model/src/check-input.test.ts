import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  Linear,
  MaxPool2d,
  Module,
  type TensorModule,
} from './index.js';

beforeAll(() => cpu().init());

class Net extends Module {
  readonly stem: TensorModule;
  constructor(stem: TensorModule) {
    super();
    this.stem = stem;
  }
  forward(x: tf.Tensor): tf.Tensor {
    return this.stem.apply(x);
  }
}

const layers: readonly (readonly [name: string, make: () => TensorModule, shape: number[]])[] = [
  ['Conv2d', () => new Conv2d(3, 4, 3), [1, 8, 8, 3]],
  ['BatchNorm2d', () => new BatchNorm2d(3), [2, 4, 4, 3]],
  ['MaxPool2d', () => new MaxPool2d(2), [1, 4, 4, 3]],
  ['AvgPool2d', () => new AvgPool2d(2), [1, 4, 4, 3]],
  ['AdaptiveAvgPool2d', () => new AdaptiveAvgPool2d(1), [1, 4, 4, 3]],
  ['Linear', () => new Linear(3, 2), [5, 3]],
];

/** What a network says of an input, which is freed. */
function complaint(net: Net, input: () => tf.Tensor): Record<string, unknown> {
  net.namedModules();
  try {
    tf.tidy(() => net.apply(input()));
  } catch (error) {
    return error as Record<string, unknown>;
  } finally {
    net.dispose();
  }
  throw new Error('it took the input');
}

describe.each(layers)('%s', (name, make, shape) => {
  it.each(['int32', 'bool'] as const)('refuses %s with ENGINE_MODEL_DTYPE_MISMATCH and the way out', (dtype) => {
    const error = complaint(new Net(make()), () => tf.zeros(shape, dtype));
    expect(error).toMatchObject({
      code: 'ENGINE_MODEL_DTYPE_MISMATCH',
      subject: `stem (${name})`,
      expected: expect.stringContaining('float32'),
      received: `(${shape.join(', ')}) ${dtype}`,
      action: expect.stringContaining('ImgDataPreprocessor'),
    });
  });

  it('names its path, the shape it wants and the one it got', () => {
    const wrong = [2, ...shape.slice(1, -1), 7, 7].slice(0, shape.length === 2 ? 2 : 5);
    const error = complaint(new Net(make()), () => tf.zeros(wrong));
    expect(error).toMatchObject({
      code: 'ENGINE_MODEL_SHAPE_MISMATCH',
      subject: `stem (${name})`,
      received: `(${wrong.join(', ')}) float32`,
    });
  });
});

describe('images in the layout of PyTorch', () => {
  it('are recognised', () => {
    const error = complaint(new Net(new Conv2d(3, 4, 3)), () => tf.zeros([2, 3, 8, 8]));
    expect(error['action']).toContain('(N, H, W, C)');
  });
});
