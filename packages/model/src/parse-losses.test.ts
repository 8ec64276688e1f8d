import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseLosses } from './index.js';

beforeAll(() => cpu().init());

interface Numbers {
  readonly total: number;
  readonly names: readonly string[];
  readonly values: readonly number[];
}

function parsed(make: () => unknown): Numbers {
  return tf.tidy(() => {
    const { total, logVars } = parseLosses(make());
    return {
      total: total.dataSync()[0] as number,
      names: Object.keys(logVars),
      values: Object.values(logVars).map((scalar) => scalar.dataSync()[0] as number),
    };
  });
}

describe('parseLosses', () => {
  it('sums what has loss in its name, total first, the rest in order', () => {
    const found = parsed(() => ({
      acc: tf.scalar(9),
      loss_cls: tf.tensor1d([1, 3]),
      my_losses: [tf.scalar(10), tf.tensor1d([20, 40])],
      grad_norm: tf.tensor1d([4]),
    }));
    expect(found).toEqual({
      total: 42,
      names: ['loss', 'acc', 'loss_cls', 'my_losses', 'grad_norm'],
      values: [42, 9, 2, 40, 4],
    });
  });

  it("shows the model's own loss and minimises the sum", () => {
    expect(parsed(() => ({ loss_aux: tf.scalar(1), loss: tf.scalar(2) }))).toEqual({
      total: 3,
      names: ['loss', 'loss_aux'],
      values: [2, 1],
    });
  });

  it('does no arithmetic on a single scalar', () => {
    const loss = tf.scalar(2);
    expect(parseLosses({ loss }).total).toBe(loss);
    loss.dispose();
  });

  it('counts an empty list as zero and casts integers', () => {
    expect(parsed(() => ({ loss: [], loss_count: tf.scalar(3, 'int32') })).total).toBe(3);
  });

  it.each([
    ['a bare tensor', () => tf.scalar(1)],
    ['a list', () => [tf.scalar(1)]],
    ['nothing', () => undefined],
    ['a number by name', () => ({ loss: 1 })],
    ['nested names', () => ({ loss: { a: tf.scalar(1) } })],
    ['a list with a number', () => ({ loss: [tf.scalar(1), 2] })],
  ])('ENGINE_MODEL_BAD_LOSS: %s', (_, make) => {
    expect(() => parsed(make)).toThrow('ENGINE_MODEL_BAD_LOSS');
  });

  it('ENGINE_MODEL_NO_LOSS lists the names there are', () => {
    expect(() => parsed(() => ({ acc: tf.scalar(1) }))).toThrow(/ENGINE_MODEL_NO_LOSS[\s\S]*received {2}acc/);
    expect(() => parsed(() => ({}))).toThrow(/ENGINE_MODEL_NO_LOSS[\s\S]*no names at all/);
  });
});
