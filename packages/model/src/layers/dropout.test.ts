import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  DropPath,
  FeatureAlphaDropout,
  Sequential,
  type TensorModule,
} from '../index.js';
import { describeModule } from '../testing/index.js';

type Case = readonly [name: string, create: (p?: number) => TensorModule, shape: readonly number[]];

const forms: readonly Case[] = [
  ['Dropout', (p) => new Dropout(p), [40, 50]],
  ['Dropout1d', (p) => new Dropout1d(p), [40, 5, 30]],
  ['Dropout2d', (p) => new Dropout2d(p), [40, 2, 3, 30]],
  ['Dropout3d', (p) => new Dropout3d(p), [40, 2, 1, 2, 30]],
  ['DropPath', (p) => new DropPath(p), [1000, 2, 3]],
  ['AlphaDropout', (p) => new AlphaDropout(p), [40, 50]],
  ['FeatureAlphaDropout', (p) => new FeatureAlphaDropout(p), [40, 6, 30]],
];

describe.each([cpu(), wasm()])('forms of dropout on $name', (backend) => {
  for (const [name, create, shape] of forms) {
    describeModule(name, {
      backend,
      create: () => create(0.3),
      run: (layer) => tf.add(layer.apply(tf.ones([...shape])), 0),
      stateNames: [],
      ...(['Dropout', 'DropPath', 'AlphaDropout'].includes(name)
        ? {}
        : { refuse: (layer: TensorModule) => layer.apply(tf.ones([4])) }),
    });
  }
});

const backend = cpu();
beforeAll(() => backend.init());

/** What a layer makes of ones. */
function ofOnes(layer: TensorModule, shape: readonly number[]): number[] {
  return tf.tidy(() => [...layer.apply(tf.ones([...shape])).dataSync()]);
}

describe.each(forms)('%s', (name, create, shape) => {
  const alpha = name.includes('Alpha');

  it('keeps about the right share, and scales by 1 / (1 - p)', () => {
    const layer = create(0.25);
    layer.stepContext.begin({ seed: 5, iteration: 1 });
    const values = ofOnes(layer, shape);
    const levels = [...new Set(values)].sort((a, b) => a - b);
    expect(levels).toHaveLength(2);
    if (!alpha) expect(levels).toEqual([0, Math.fround(1 / 0.75)]);
    expect(values.filter((value) => value === levels[1]).length / values.length).toBeCloseTo(0.75, 1);
  });

  it('is a function of seed, iteration, path and call', () => {
    const twins = [0, 1].map(() => new Sequential(create(), create()));
    for (const net of twins) net.train().stepContext.begin({ seed: 3, iteration: 9 });
    const [first, second] = twins as [Sequential, Sequential];
    const one = ofOnes(first, shape);
    expect(ofOnes(second, shape)).toEqual(one);
    expect(ofOnes(second, shape)).not.toEqual(one);
    second.stepContext.begin({ seed: 3, iteration: 10 });
    expect(ofOnes(second, shape)).not.toEqual(one);
  });

  it('does nothing in evaluation or with p = 0, and drops all with p = 1', () => {
    expect(new Set(ofOnes(create().eval() as TensorModule, shape))).toEqual(new Set([1]));
    expect(new Set(ofOnes(create(0), shape))).toEqual(new Set([1]));
    expect(new Set(ofOnes(create(1), shape))).toEqual(new Set([0]));
  });

  it('passes the gradient of what it keeps', () => {
    const layer = create(0.4);
    const at = <T>(compute: () => T): T => (layer.stepContext.begin({ seed: 8, iteration: 0 }), compute());
    const [values, slopes] = tf.tidy(() => {
      const y = at(() => layer.apply(tf.zeros([...shape])));
      const shifted = at(() => layer.apply(tf.ones([...shape])));
      const gradient = at(() => tf.grad((x: tf.Tensor) => layer.apply(x))(tf.zeros([...shape])));
      return [[...tf.sub(shifted, y).dataSync()], [...gradient.dataSync()]] as [number[], number[]];
    });
    for (const [i, slope] of slopes.entries()) expect(slope).toBeCloseTo(values[i] as number, 5);
  });

  it.each([-0.1, 1.1, Number.NaN])('ENGINE_MODEL_BAD_LAYER_OPTION: p = %d', (p) => {
    expect(() => create(p)).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION');
  });
});

/** Axes along which every value equals the first. */
function constantAxes(layer: TensorModule, shape: readonly number[]): number[] {
  return tf.tidy(() => {
    const y = layer.apply(tf.ones([...shape]));
    return shape
      .map((_, axis) => axis)
      .filter((axis) => tf.max(tf.sub(tf.max(y, axis), tf.min(y, axis))).dataSync()[0] === 0);
  });
}

describe('what is dropped together', () => {
  it.each<[string, TensorModule, number[], number[]]>([
    ['Dropout: nothing', new Dropout(), [8, 3, 4, 16], []],
    ['Dropout1d: a channel of a sample', new Dropout1d(), [8, 3, 16], [1]],
    ['Dropout2d: a channel of a sample', new Dropout2d(), [8, 3, 4, 16], [1, 2]],
    ['Dropout3d: a channel of a sample', new Dropout3d(), [8, 3, 4, 2, 16], [1, 2, 3]],
    ['DropPath: a sample', new DropPath(), [16, 3, 4], [1, 2]],
    ['FeatureAlphaDropout: a channel of a sample', new FeatureAlphaDropout(), [8, 3, 4, 16], [1, 2]],
  ])('%s', (_, layer, shape, axes) => expect(constantAxes(layer, shape)).toEqual(axes));
});

it('AlphaDropout keeps mean and variance', () => {
  const [mean, variance] = tf.tidy(() => {
    const moments = tf.moments(new AlphaDropout(0.3).apply(tf.randomNormal([40_000], 0, 1, 'float32', 4)));
    return [moments.mean.dataSync()[0], moments.variance.dataSync()[0]] as [number, number];
  });
  expect(mean).toBeCloseTo(0, 1);
  expect(variance).toBeCloseTo(1, 1);
});
