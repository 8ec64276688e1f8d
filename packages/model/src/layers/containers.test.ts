import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  constant,
  Flatten,
  Identity,
  Linear,
  type Module,
  ModuleDict,
  ModuleList,
  Parameter,
  ParameterDict,
  ParameterList,
  ReLU,
  Sequential,
  Unflatten,
} from '../index.js';

beforeAll(() => cpu().init());

const names = (module: Module): string[] => [...module.namedParameters().keys()];

describe('Sequential', () => {
  it('names its modules by index or by key, and is a list of them', () => {
    const [linear, relu] = [new Linear(2, 3, { bias: false }), new ReLU()];
    const net = new Sequential(linear, relu);
    expect(names(net)).toEqual(['0.weight']);
    expect([net.length, net.at(0), net.at(-1), net.at('1'), net.at(2)]).toEqual([2, linear, relu, relu, undefined]);
    expect([...net]).toEqual([linear, relu]);
    net.append(new Linear(3, 1, { bias: false })).append(new Linear(1, 1, { bias: false }), 'head');
    expect(names(net)).toEqual(['0.weight', '2.weight', 'head.weight']);
    const named = new Sequential({ fc: linear, act: relu });
    expect(names(named)).toEqual(['fc.weight']);
    expect(named.at('act')).toBe(relu);
    net.dispose();
  });

  it('is the identity when empty', () => {
    const x = tf.scalar(1);
    expect(new Sequential().apply(x)).toBe(x);
    x.dispose();
  });
});

describe('containers', () => {
  it('ModuleList is found under its indices, also what came later', () => {
    const list = new ModuleList([new Linear(1, 1, { bias: false })]);
    list.push(new Linear(1, 2, { bias: false })).insert(0, new Linear(1, 3, { bias: false }));
    expect(names(list)).toEqual(['0.weight', '1.weight', '2.weight']);
    expect([...list].map(({ outFeatures }) => outFeatures)).toEqual([3, 1, 2]);
    expect([list.length, list.at(-1)?.outFeatures]).toEqual([3, 2]);
    expect(list.eval().at(0)?.training).toBe(false);
  });

  it('ModuleDict is found under its keys', () => {
    const dict = new ModuleDict({ b: new Linear(1, 1, { bias: false }) }).set('a', new Linear(1, 1, { bias: false }));
    expect(names(dict)).toEqual(['b.weight', 'a.weight']);
    expect([...dict].map(([name]) => name)).toEqual([...dict.keys()]);
    expect([dict.size, dict.has('a'), dict.delete('a'), dict.get('a'), [...dict.values()].length]).toEqual([
      2,
      true,
      true,
      undefined,
      1,
    ]);
    expect(names(new ModuleDict(new Map([['x', new Linear(1, 1)]])))).toEqual(['x.weight', 'x.bias']);
  });

  it('ParameterList and ParameterDict hold parameters', () => {
    const one = (): Parameter => new Parameter([1], constant(1));
    expect(names(new ParameterList([one(), one()]))).toEqual(['0', '1']);
    expect(names(new ParameterDict({ scale: one() }))).toEqual(['scale']);
  });

  it.each<[string, Module]>([
    ['ModuleList', new ModuleList()],
    ['ModuleDict', new ModuleDict()],
  ])('ENGINE_MODEL_NO_FORWARD: %s computes nothing', (_, container) => {
    expect(() => (container as ModuleList).apply()).toThrow('ENGINE_MODEL_NO_FORWARD');
  });
});

const shapeOf = (module: { apply(x: tf.Tensor): tf.Tensor }, ...shape: number[]): number[] =>
  tf.tidy(() => module.apply(tf.zeros(shape)).shape);

describe('shapes', () => {
  it('Flatten joins other axes as they are', () => {
    expect(shapeOf(new Flatten(), 2, 3, 4, 5)).toEqual([2, 60]);
    expect(shapeOf(new Flatten({ startDim: 0, endDim: 1 }), 2, 3, 4, 5)).toEqual([6, 4, 5]);
    expect(shapeOf(new Flatten({ startDim: 2 }), 2, 3, 4, 5)).toEqual([2, 3, 20]);
    const x = tf.tidy(() => tf.reshape(tf.range(0, 8), [1, 2, 2, 2]));
    expect(tf.tidy(() => [...new Flatten({ startDim: 1, endDim: 2 }).apply(x).dataSync()])).toEqual([...x.dataSync()]);
    x.dispose();
  });

  it('Unflatten undoes it', () => {
    expect(shapeOf(new Unflatten(1, [3, -1]), 2, 12)).toEqual([2, 3, 4]);
    expect(shapeOf(new Unflatten(-1, [2, 2]), 5, 4)).toEqual([5, 2, 2]);
  });

  it('Identity passes on', () => expect(shapeOf(new Identity(), 1, 2)).toEqual([1, 2]));

  it.each<[string, () => unknown]>([
    ['axes in the wrong order', () => shapeOf(new Flatten({ startDim: 2, endDim: 1 }), 2, 3, 4)],
    ['no such axis', () => shapeOf(new Flatten({ startDim: 4 }), 2, 3)],
    ['sizes that do not fit', () => shapeOf(new Unflatten(1, [5, -1]), 2, 12)],
  ])('ENGINE_MODEL_SHAPE_MISMATCH: %s', (_, run) => expect(run).toThrow('ENGINE_MODEL_SHAPE_MISMATCH'));
});
