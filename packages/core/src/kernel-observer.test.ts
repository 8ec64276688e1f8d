import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { registerGradients } from './gradients/register.js';
import { type KernelCall, observeKernels } from './kernel-observer.js';

/** A clock that moves on by one each time it is read. */
function counting(): () => number {
  let time = 0;
  return () => (time += 1);
}

function run(fn: () => tf.Tensor): void {
  tf.tidy(() => {
    fn();
  });
}

describe('observeKernels', () => {
  it('hears of every kernel with shapes and times, in order', () => {
    const calls: KernelCall[] = [];
    const stop = observeKernels(counting(), (call) => calls.push(call));
    run(() => tf.relu(tf.matMul(tf.ones([2, 3]), tf.ones([3, 4]))));
    stop();
    run(() => tf.relu(tf.ones([2])));
    const matMul = calls.find(({ kernel }) => kernel === 'BatchMatMul');
    expect(matMul).toMatchObject({ outputs: [[2, 4]], attrs: { transposeA: false } });
    expect(calls.at(-1)).toMatchObject({ kernel: 'Relu', inputs: { x: [2, 4] }, outputs: [[2, 4]] });
    for (const [i, { start, end }] of calls.entries()) {
      expect(end).toBeGreaterThan(start);
      expect(start).toBeGreaterThan(calls[i - 1]?.start ?? 0);
    }
  });

  it('leaves values and gradients as they are', () => {
    registerGradients();
    const gradient = (): number[] =>
      tf.tidy(() => [
        ...tf
          .grad((x: tf.Tensor) => tf.sum(tf.square(x)))(tf.tensor1d([1, 2]))
          .dataSync(),
      ]);
    const expected = gradient();
    const stop = observeKernels(counting(), () => {});
    expect(gradient()).toEqual(expected);
    stop();
  });

  it('hears of a kernel that throws, without outputs', () => {
    const calls: KernelCall[] = [];
    const stop = observeKernels(counting(), (call) => calls.push(call));
    expect(() => tf.engine().runKernel('NoSuchKernel', {})).toThrow('NoSuchKernel');
    stop();
    expect(calls).toMatchObject([{ kernel: 'NoSuchKernel', outputs: [] }]);
  });

  it('may be done by several at once, and leaves nothing behind', () => {
    const heard = [0, 0];
    const outer = observeKernels(counting(), () => void (heard[0] = (heard[0] ?? 0) + 1));
    const inner = observeKernels(counting(), () => void (heard[1] = (heard[1] ?? 0) + 1));
    run(() => tf.relu(tf.scalar(1)));
    inner();
    run(() => tf.relu(tf.scalar(1)));
    outer();
    expect(heard).toEqual([2, 1]);
    expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
  });
});
