import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { SlotStore } from './slot-store.js';
import { disposeParameters, testParameter } from './testing/index.js';

beforeAll(() => cpu().init());

describe('SlotStore', () => {
  it('makes one zero variable for a slot and parameter, outlives scopes, and frees them all', async () => {
    const param = testParameter('p', [1, 2, 3, 4], [2, 2]);
    const before = tf.memory().numTensors;
    const store = new SlotStore();
    const slot = tf.tidy(() => store.slot('average', param));
    expect(store.slot('average', param)).toBe(slot);
    expect(store.slot('rows', param, [2, 1]).shape).toEqual([2, 1]);
    expect(slot.trainable).toBe(false);
    expect(await store.read('average', param)).toEqual({ dtype: 'float32', shape: [2, 2], data: new Float32Array(4) });
    store.write(slot, Float32Array.of(1, 2, 3, 4));
    const saved = await store.read('average', param);
    store.write(slot);
    expect([...saved.data]).toEqual([1, 2, 3, 4]); // a copy
    expect([...(await slot.data())]).toEqual([0, 0, 0, 0]);
    expect(tf.memory().numTensors).toBe(before + 2);
    store.dispose();
    expect(tf.memory().numTensors).toBe(before);
    disposeParameters([param]);
  });

  it('counts updates and keeps numbers as float32, from zero', () => {
    const [p, q] = [testParameter('p', [1]), testParameter('q', [1])];
    const store = new SlotStore();
    expect([store.steps(p), store.number('mu', p)]).toEqual([0, 0]);
    store.setSteps(p, 3);
    store.setNumber('mu', p, 0.1);
    expect([store.steps(p), store.number('mu', p), store.steps(q), store.number('eta', p)]).toEqual([
      3,
      Math.fround(0.1),
      0,
      0,
    ]);
    store.dispose();
    expect(store.steps(p)).toBe(0);
    disposeParameters([p, q]);
  });
});
