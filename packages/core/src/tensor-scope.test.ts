import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { isPromise } from './is-promise.js';
import { scopedStart, TensorOwner, tensorScope } from './tensor-scope.js';

const live = (): number => tf.memory().numTensors;

describe('tensorScope', () => {
  it('frees what is made and not returned', () => {
    const before = live();
    const result = tensorScope(() => {
      tf.square(tf.scalar(2));
      return { out: [tf.scalar(7)] };
    });
    expect(live()).toBe(before + 1);
    tf.dispose(result);
  });

  it('frees everything when the function throws', () => {
    const before = live();
    expect(() =>
      tensorScope(() => {
        tf.scalar(1);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(live()).toBe(before);
  });

  it('refuses an async function, frees its tensors and swallows its rejection', () => {
    const before = live();
    expect(() =>
      tensorScope(async () => {
        tf.scalar(1);
        throw new Error('late');
      }),
    ).toThrow('ENGINE_CORE_ASYNC_SCOPE');
    expect(live()).toBe(before);
  });

  it('nests', () => {
    const before = live();
    const x = tensorScope(() =>
      tf.add(
        tensorScope(() => tf.scalar(1)),
        1,
      ),
    );
    expect(live()).toBe(before + 1);
    x.dispose();
  });
});

describe('scopedStart', () => {
  it('frees what is made before the first await and leaves later tensors to the function', async () => {
    const before = live();
    let inside = -1;
    const started = scopedStart(async () => {
      const value = (await tf.scalar(3).data())[0];
      inside = live();
      const late = tf.scalar(1);
      late.dispose();
      return value;
    });
    expect(isPromise(started)).toBe(true);
    expect(live()).toBe(before);
    expect(await started).toBe(3);
    expect(inside).toBe(before);
  });

  it('does not free what other code makes while the function waits', async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const started = scopedStart(async () => {
      await gate;
    });
    const other = tf.scalar(1);
    release();
    await started;
    expect(other.isDisposed).toBe(false);
    other.dispose();
  });

  it('passes synchronous results and errors on', () => {
    expect(scopedStart(() => 5)).toBe(5);
    expect(() =>
      scopedStart(() => {
        throw new TypeError('x');
      }),
    ).toThrow(TypeError);
  });
});

describe('TensorOwner', () => {
  it('keeps tensors out of scopes, replaces by key and frees at the end', () => {
    const before = live();
    const owner = new TensorOwner();
    tensorScope(() => {
      owner.keep('a', tf.scalar(1));
      owner.keep('b', tf.scalar(2));
    });
    expect(live()).toBe(before + 2);
    const first = owner.get('a');
    tensorScope(() => owner.keep('a', tf.scalar(3)));
    expect(first?.isDisposed).toBe(true);
    expect(owner.size).toBe(2);
    owner.release('b');
    expect(owner.get('b')).toBeUndefined();
    owner.release('never kept');
    owner.dispose();
    expect(owner.size).toBe(0);
    expect(live()).toBe(before);
  });

  it('survives keeping the same tensor again', () => {
    const owner = new TensorOwner();
    const tensor = tf.scalar(1);
    owner.keep('a', tensor);
    owner.keep('a', tensor);
    expect(tensor.isDisposed).toBe(false);
    owner.dispose();
    expect(tensor.isDisposed).toBe(true);
  });
});
