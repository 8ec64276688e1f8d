import { cpu } from '@engine/backend-cpu';
import { EngineError } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Module, Sequential } from './index.js';

beforeAll(() => cpu().init());

/** Does what it is told. */
class Doing extends Module {
  readonly #run: (x: tf.Tensor) => tf.Tensor;

  constructor(run: (x: tf.Tensor) => tf.Tensor) {
    super();
    this.#run = run;
  }

  forward(x: tf.Tensor): tf.Tensor {
    return this.#run(x);
  }
}

function failureOf(run: (x: tf.Tensor) => tf.Tensor): EngineError {
  const net = new Sequential(new Doing((x) => tf.mul(x, 2)), new Sequential(new Doing(run)));
  net.parameters();
  try {
    tf.tidy(() => void net.apply(tf.ones([2])));
  } catch (error) {
    return error as EngineError;
  }
  throw new Error('it did not fail');
}

describe('a layer whose op fails', () => {
  it('is named where the backend lacks the kernel', () => {
    const error = failureOf((x) => tf.engine().runKernel('Frobnicate', { x }));
    expect(error).toMatchObject({
      code: 'ENGINE_MODEL_NO_KERNEL',
      exitCode: 2,
      subject: '1.0 (Doing)',
      expected: 'a kernel Frobnicate on backend cpu',
    });
    expect(error.cause).toBeInstanceOf(Error);
  });

  it.each(['NO_KERNEL', 'OUT_OF_MEMORY', 'OP_FAILED'])('is named in the %s of a backend, once', (name) => {
    const thrown = new EngineError(`ENGINE_NATIVE_${name}`, 'state', {
      ...{ expected: 'room', received: 'none', action: 'make some', subject: 'Conv2D' },
    });
    const error = failureOf(() => {
      throw thrown;
    });
    expect(error).toMatchObject({ code: thrown.code, exitCode: 1, subject: '1.0 (Doing): Conv2D', cause: thrown });
    expect(error.action).toBe('make some');
  });

  it('leaves other errors as they are', () => {
    const others = [
      new RangeError('own'),
      new EngineError('ENGINE_OWN_CODE', 'value', { expected: 'a', received: 'b', action: 'c' }),
    ];
    for (const other of others)
      expect(
        failureOf(() => {
          throw other;
        }),
      ).toBe(other);
  });
});
