import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  CELU,
  ELU,
  GELU,
  GLU,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LeakyReLU,
  LogSigmoid,
  LogSoftmax,
  Mish,
  type Module,
  PReLU,
  ReLU,
  ReLU6,
  RReLU,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  Softmax2d,
  Softmin,
  Softplus,
  Softshrink,
  Softsign,
  Tanh,
  Tanhshrink,
  type TensorModule,
  Threshold,
} from '../index.js';
import { describeModule } from '../testing/index.js';

const activations: Readonly<Record<string, () => TensorModule>> = {
  CELU: () => new CELU({ alpha: 0.7 }),
  ELU: () => new ELU({ alpha: 1.3 }),
  GELU: () => new GELU(),
  'GELU by tanh': () => new GELU({ approximate: 'tanh' }),
  Hardshrink: () => new Hardshrink(),
  Hardsigmoid: () => new Hardsigmoid(),
  Hardswish: () => new Hardswish(),
  Hardtanh: () => new Hardtanh({ minVal: -0.5, maxVal: 2 }),
  LeakyReLU: () => new LeakyReLU({ negativeSlope: 0.2 }),
  LogSigmoid: () => new LogSigmoid(),
  LogSoftmax: () => new LogSoftmax({ dim: 0 }),
  Mish: () => new Mish(),
  PReLU: () => new PReLU(),
  ReLU: () => new ReLU(),
  ReLU6: () => new ReLU6(),
  SELU: () => new SELU(),
  Sigmoid: () => new Sigmoid(),
  SiLU: () => new SiLU(),
  Softmax: () => new Softmax(),
  Softmin: () => new Softmin(),
  Softplus: () => new Softplus({ beta: 2, threshold: 3 }),
  Softshrink: () => new Softshrink({ lambda: 0.3 }),
  Softsign: () => new Softsign(),
  Tanh: () => new Tanh(),
  Tanhshrink: () => new Tanhshrink(),
  Threshold: () => new Threshold(0.25, -1),
};

const numbers = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.5 + 0.2),
    shape,
  );

describe.each([cpu(), wasm()])('activations on $name', (backend) => {
  for (const [name, create] of Object.entries({ ...activations, RReLU: () => new RReLU() })) {
    describeModule(name, {
      backend,
      create,
      run: (layer) => tf.add(layer.apply(numbers(3, 4)), 0),
      stateNames: name === 'PReLU' ? ['weight'] : [],
    });
  }
  describeModule('PReLU of channels', {
    backend,
    create: () => new PReLU({ numParameters: 3 }),
    run: (layer) => layer.apply(numbers(2, 2, 4, 3)),
    stateNames: ['weight'],
    refuse: (layer) => layer.apply(numbers(3, 2)),
  });
  describeModule('Softmax2d', {
    backend,
    create: () => new Softmax2d(),
    run: (layer) => layer.apply(numbers(2, 2, 4, 3)),
    stateNames: [],
    refuse: (layer) => layer.apply(tf.scalar(1)),
  });
  describeModule('GLU', {
    backend,
    create: () => new GLU({ dim: 1 }),
    run: (layer) => layer.apply(numbers(3, 4, 2)),
    stateNames: [],
    refuse: (layer) => layer.apply(numbers(4, 3)),
  });
});

const backend = wasm();
beforeAll(() => backend.init());

/** Value and derivative at each point. */
function at(layer: TensorModule, points: readonly number[]): [values: number[], slopes: number[]] {
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => layer.apply(x))(
      tf.tensor1d([...points]),
      tf.ones([points.length]),
    );
    return [[...value.dataSync()], [...grad.dataSync()]];
  });
}

const acrossElements = new Set(['LogSoftmax', 'Softmax', 'Softmin']);

describe('derivatives', () => {
  it.each(Object.entries(activations).filter(([name]) => !acrossElements.has(name)))(
    '%s: what differences show, away from kinks',
    (_, create) => {
      const layer = create();
      const kinks = [-3, -0.5, -0.3, 0, 0.25, 0.3, 0.5, 1.5, 2, 3, 6];
      fc.assert(
        fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) => {
          fc.pre(kinks.every((kink) => Math.abs(kink - x) > 0.02));
          const [[low = 0, high = 0]] = at(layer, [x - 0.01, x + 0.01]);
          const [, [slope = 0]] = at(layer, [x]);
          expect(Math.abs((high - low) / 0.02 - slope)).toBeLessThan(2e-3);
        }),
        { numRuns: 25 },
      );
      layer.dispose();
    },
  );

  it.each<[string, TensorModule, number[], number[]]>([
    ['ReLU', new ReLU(), [0], [0]],
    ['ReLU6', new ReLU6(), [0, 6], [0, 0]],
    ['Hardtanh', new Hardtanh(), [-1, 1], [0, 0]],
    ['Hardsigmoid', new Hardsigmoid(), [-3, 3], [0, 0]],
    ['Hardswish', new Hardswish(), [-3, 3], [0, 1]],
    ['Hardshrink', new Hardshrink(), [-0.5, 0.5], [0, 0]],
    ['Softshrink', new Softshrink(), [-0.5, 0.5], [0, 0]],
    ['Softsign', new Softsign(), [0], [1]],
    ['LeakyReLU', new LeakyReLU(), [0], [0.01]],
    ['PReLU', new PReLU(), [0], [0.25]],
    ['ELU', new ELU({ alpha: 2 }), [0], [2]],
    ['CELU', new CELU({ alpha: 2 }), [0], [1]],
    ['SELU', new SELU(), [0], [1.7580993]],
    ['Threshold', new Threshold(0.25, 7), [0.25], [0]],
    ['Softplus', new Softplus(), [100, -100], [1, 0]],
  ])('%s: at kinks those of PyTorch', (_, layer, points, slopes) => {
    expect(at(layer, points)[1]).toEqual(slopes.map((slope) => expect.closeTo(slope, 6)));
    layer.dispose();
  });

  it.each<[string, TensorModule]>([
    ['LogSigmoid', new LogSigmoid()],
    ['Softplus', new Softplus()],
    ['SiLU', new SiLU()],
    ['Mish', new Mish()],
    ['ELU', new ELU()],
    ['LogSoftmax', new LogSoftmax()],
  ])('%s: finite for numbers of any size', (_, layer) => {
    for (const values of at(layer, [-1e4, -88, 0, 88, 1e4])) expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe('softmax', () => {
  it('sums to one along any axis, and knows axes from the end', () => {
    tf.tidy(() => {
      const x = numbers(2, 3, 4);
      for (const dim of [0, 1, 2, -1, -3]) {
        const sums = tf.sum(new Softmax({ dim }).apply(x), dim).dataSync();
        expect([...sums]).toEqual([...sums].map(() => expect.closeTo(1, 6)));
        const difference = tf.sub(tf.log(new Softmax({ dim }).apply(x)), new LogSoftmax({ dim }).apply(x));
        expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-5);
      }
    });
  });
});

describe('RReLU', () => {
  it('draws slopes within its bounds while training, their mean in evaluation', () => {
    const layer = new RReLU({ lower: 0.2, upper: 0.4 });
    const slopes = (): number[] => at(layer, [-1, -1, -1, -1, 5])[1];
    const [a = 0, b = 0, , , above] = slopes();
    expect([a, b].every((slope) => slope >= 0.2 && slope < 0.4)).toBe(true);
    expect(a).not.toBe(b);
    expect(above).toBe(1);
    layer.stepContext.begin({ seed: 1, iteration: 2 });
    const first = slopes();
    expect(slopes()).not.toEqual(first);
    layer.stepContext.begin({ seed: 1, iteration: 2 });
    expect(slopes()).toEqual(first);
    layer.eval();
    expect(slopes()[0]).toBeCloseTo(0.3, 6);
  });
});

it.each<[string, () => Module]>([
  ['Hardtanh', () => new Hardtanh({ minVal: 1, maxVal: 1 })],
  ['Softplus', () => new Softplus({ beta: 0 })],
  ['CELU', () => new CELU({ alpha: 0 })],
  ['Softshrink', () => new Softshrink({ lambda: -1 })],
  ['PReLU', () => new PReLU({ numParameters: 0 })],
  ['RReLU', () => new RReLU({ lower: 0.5, upper: 0.1 })],
])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create) => {
  expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION');
});
