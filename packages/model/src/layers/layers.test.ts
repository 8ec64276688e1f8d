import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Embedding,
  Flatten,
  GELU,
  Identity,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  Sigmoid,
  Tanh,
  type TensorModule,
} from '../index.js';
import { describeModule } from '../testing/index.js';

const backend = cpu();

/** Values without ties and away from zero. */
function numbers(...shape: number[]): tf.Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.5 + 0.2),
    shape,
  );
}

const images = (channels: number): tf.Tensor => numbers(2, 6, 5, channels);

describe.each([cpu(), wasm()])('on $name', (backend) => {
  describeModule('Linear', {
    backend,
    create: () => new Linear(3, 4),
    run: (layer) => layer.apply(numbers(2, 5, 3)),
    stateNames: ['weight', 'bias'],
    refuse: (layer) => layer.apply(numbers(2, 4)),
  });
  describeModule('Conv2d', {
    backend,
    create: () => new Conv2d(3, 4, 3, { stride: 2, padding: 1 }),
    run: (layer) => layer.apply(images(3)),
    stateNames: ['weight', 'bias'],
    refuse: (layer) => layer.apply(images(2)),
  });
  describeModule('Conv2d, dilated and strided', {
    backend,
    create: () => new Conv2d(2, 2, [2, 3], { stride: [2, 1], padding: [0, 2], dilation: 2, bias: false }),
    run: (layer) => layer.apply(images(2)),
    stateNames: ['weight'],
  });
  describeModule('Conv2d, groups', {
    backend,
    create: () => new Conv2d(4, 6, 3, { groups: 2 }),
    run: (layer) => layer.apply(images(4)),
    stateNames: ['weight', 'bias'],
  });
  describeModule('Conv2d, depthwise', {
    backend,
    create: () => new Conv2d(3, 6, 3, { groups: 3, padding: 1 }),
    run: (layer) => layer.apply(images(3)),
    stateNames: ['weight', 'bias'],
  });
  describeModule('BatchNorm2d', {
    backend,
    create: () => new BatchNorm2d(3),
    run: (layer) => layer.apply(images(3)),
    stateNames: ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'],
    refuse: (layer) => layer.apply(numbers(4, 3)),
  });
  describeModule('Embedding', {
    backend,
    create: () => new Embedding(5, 3, { paddingIdx: 1 }),
    run: (layer) =>
      tf.mul(
        layer.apply(
          tf.tensor2d(
            [
              [0, 2],
              [4, 2],
            ],
            [2, 2],
            'int32',
          ),
        ),
        1,
      ),
    stateNames: ['weight'],
    refuse: (layer) => layer.apply(numbers(2)),
  });
  describeModule('a network', {
    backend,
    create: () =>
      new Sequential(
        new Conv2d(1, 2, 3),
        new Tanh(),
        new AvgPool2d(2),
        new Flatten(),
        new Dropout(0.3),
        new Linear(4, 2),
      ),
    run: (net) => net.apply(images(1)),
    stateNames: ['0.weight', '0.bias', '5.weight', '5.bias'],
    refuse: (net) => net.apply(images(2)),
  });
  for (const [name, create] of Object.entries({
    ReLU: () => new ReLU(),
    Sigmoid: () => new Sigmoid(),
    GELU: () => new GELU(),
    Identity: () => new Identity(),
    Dropout: () => new Dropout(),
  })) {
    describeModule(name, { backend, create, run: (layer) => tf.add(layer.apply(numbers(4)), 0), stateNames: [] });
  }
  for (const [name, create] of Object.entries<() => TensorModule>({
    MaxPool2d: () => new MaxPool2d(2),
    AvgPool2d: () => new AvgPool2d(2, { padding: 1 }),
    AdaptiveAvgPool2d: () => new AdaptiveAvgPool2d([2, 4]),
  })) {
    describeModule(name, {
      backend,
      create,
      run: (layer) => layer.apply(images(2)),
      stateNames: [],
      refuse: (layer) => layer.apply(numbers(2, 2)),
    });
  }
});

beforeAll(() => backend.init());

function valuesOf(compute: () => tf.Tensor): number[] {
  return tf.tidy(() => [...compute().dataSync()]);
}

describe('errors of layers', () => {
  class Net extends Module {
    backbone = { conv1: new Conv2d(3, 4, 3) };
    forward(x: tf.Tensor): tf.Tensor {
      return this.backbone.conv1.apply(x);
    }
  }

  it('name the path, the expected and the received shape: ENGINE_MODEL_SHAPE_MISMATCH', () => {
    const net = new Net();
    net.parameters();
    expect(() => tf.tidy(() => net.apply(numbers(1, 8, 8, 5)))).toThrow(
      /ENGINE_MODEL_SHAPE_MISMATCH {2}backbone\.conv1 \(Conv2d\)\n {2}expected {2}input of shape \(N, H, W, 3\)\n {2}received {2}\(1, 8, 8, 5\) float32/,
    );
    net.dispose();
  });

  it('recognise images with channels first', () => {
    const net = new Net();
    expect(() => tf.tidy(() => net.apply(numbers(1, 3, 8, 8)))).toThrow(/transpose the images/);
    net.dispose();
  });

  it('ENGINE_MODEL_DTYPE_MISMATCH tells how to cast', () => {
    const layer = new Embedding(2, 2);
    expect(() => tf.tidy(() => layer.apply(numbers(2)))).toThrow(/ENGINE_MODEL_DTYPE_MISMATCH[\s\S]*tf\.cast/);
    layer.dispose();
  });

  it.each([
    ['Linear of nothing', () => new Linear(0, 3)],
    ['a fraction', () => new Conv2d(1.5, 2, 3)],
    ['groups', () => new Conv2d(3, 4, 3, { groups: 2 })],
    ['negative padding', () => new Conv2d(1, 1, 3, { padding: -1 })],
    ['stride 0', () => new MaxPool2d(2, { stride: 0 })],
    ['too much padding', () => new AvgPool2d(2, { padding: 2 })],
    ['an empty grid', () => new AdaptiveAvgPool2d(0)],
    ['eps', () => new BatchNorm2d(2, { eps: -1 })],
    ['momentum', () => new BatchNorm2d(2, { momentum: 2 })],
    ['p', () => new Dropout(1.5)],
    ['NaN', () => new Dropout(Number.NaN)],
    ['paddingIdx', () => new Embedding(3, 2, { paddingIdx: 3 })],
  ])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create) => {
    expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION');
  });

  it('ENGINE_MODEL_BATCH_TOO_SMALL: one value a channel has no variance', () => {
    const layer = new BatchNorm2d(2);
    const run = (): number[] => valuesOf(() => layer.apply(tf.ones([1, 1, 1, 2])));
    expect(run).toThrow('ENGINE_MODEL_BATCH_TOO_SMALL');
    layer.eval();
    expect(run()[0]).toBeCloseTo(1, 4);
    layer.dispose();
  });
});

describe('Flatten', () => {
  it('emits (C, H, W)', () => {
    const x = tf.tensor4d([0, 10, 1, 11, 2, 12, 3, 13], [1, 2, 2, 2]);
    expect(valuesOf(() => new Flatten().apply(x))).toEqual([0, 1, 2, 3, 10, 11, 12, 13]);
    x.dispose();
  });

  it.each([[[3, 1, 1, 4]], [[3, 2, 5, 1]], [[3, 4]]])('is free for %j', (shape) => {
    const x = numbers(...shape);
    const before = tf.memory().numDataBuffers;
    const flat = tf.tidy(() => {
      const y = new Flatten().apply(x);
      expect(tf.memory().numDataBuffers).toBe(before);
      return [...y.dataSync()];
    });
    expect(flat).toEqual([...x.dataSync()]);
    x.dispose();
  });

  it('keeps (N, L, C) in the order (C, L)', () => {
    expect(valuesOf(() => new Flatten().apply(tf.tensor3d([1, 2, 3, 4, 5, 6], [1, 3, 2])))).toEqual([1, 3, 5, 2, 4, 6]);
  });
});

describe('role', () => {
  it('tells normalisations and depthwise convolutions apart from the rest', () => {
    expect(new BatchNorm2d(2).role).toBe('norm');
    expect(new Conv2d(4, 8, 3, { groups: 4 }).role).toBe('depthwiseConv');
    expect(new Conv2d(4, 8, 3, { groups: 2 }).role).toBeUndefined();
    expect(new Linear(2, 2).role).toBeUndefined();
  });
});

describe('Dropout', () => {
  const mask = (layer: Dropout): number[] => valuesOf(() => layer.apply(tf.ones([1000])));

  it('scales what it keeps and keeps the right share', () => {
    const layer = new Dropout(0.25);
    layer.stepContext.begin({ seed: 3, iteration: 0 });
    const kept = mask(layer).filter((x) => x !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
    expect(kept.length / 1000).toBeCloseTo(0.75, 1);
  });

  it('depends on seed, iteration, path and call, and on nothing else', () => {
    const net = new Sequential(new Dropout(), new Dropout());
    const [first, second] = net.layers as readonly [Dropout, Dropout];
    net.train();
    const at = (seed: number, iteration: number, layer = first): number[] => {
      net.stepContext.begin({ seed, iteration });
      return mask(layer);
    };
    const base = at(1, 7);
    expect(at(1, 7)).toEqual(base);
    expect(mask(first)).not.toEqual(base);
    expect(at(2, 7)).not.toEqual(base);
    expect(at(1, 8)).not.toEqual(base);
    expect(at(1, 7, second)).not.toEqual(base);
    const twin = new Sequential(new Dropout(), new Dropout());
    twin.train().stepContext.begin({ seed: 1, iteration: 7 });
    expect(mask(twin.layers[0] as Dropout)).toEqual(base);
  });

  it('is different each time when nobody sets a step', () => {
    const layer = new Dropout();
    expect(mask(layer)).not.toEqual(mask(layer));
  });

  it('does nothing in evaluation or with p = 0, and everything with p = 1', () => {
    expect(new Set(mask(new Dropout().eval()))).toEqual(new Set([1]));
    expect(new Set(mask(new Dropout(0)))).toEqual(new Set([1]));
    expect(new Set(mask(new Dropout(1)))).toEqual(new Set([0]));
  });
});

describe('Embedding', () => {
  it('starts with a zero row for padding, which gets no gradient', () => {
    const layer = new Embedding(4, 2, { paddingIdx: 2 });
    layer.initWeights(1);
    expect([...layer.weight.value.dataSync().slice(4, 6)]).toEqual([0, 0]);
    const gradient = tf.tidy(() => {
      const indices = tf.tensor1d([2, 0, 2, 0], 'int32');
      const { grads } = tf.variableGrads(() => tf.sum(layer.apply(indices)), [layer.weight.value]);
      return [...(grads[layer.weight.value.name] as tf.Tensor).dataSync()];
    });
    expect(gradient).toEqual([2, 2, 0, 0, 0, 0, 0, 0]);
    layer.dispose();
  });
});
