import { cpu } from '@engine/backend-cpu';
import { silentLogger } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { detectAnomalousParams, Linear, Module } from './index.js';

class Forgetful extends Module {
  readonly used = new Linear(2, 2);
  readonly forgotten = new Linear(2, 3, { bias: false });
  readonly frozen = new Linear(2, 2);

  forward(x: tf.Tensor): tf.Tensor {
    return this.used.apply(x);
  }
}

beforeAll(() => cpu().init());

it('detectAnomalousParams names trainable parameters that the loss does not depend on', () => {
  const net = new Forgetful();
  net.frozen.weight.trainable = false;
  const lines: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => void lines.push(message) };
  const { numTensors } = tf.memory();
  const loss = (): tf.Tensor => net.apply(tf.ones([1, 2]));
  expect(detectAnomalousParams(loss, net, logger)).toEqual(['forgotten.weight', 'frozen.bias']);
  expect(lines[0]).toBe('forgotten.weight with shape (3, 2) is not in the computational graph');
  expect(detectAnomalousParams(() => tf.scalar(1), net)).toHaveLength(4);
  expect(tf.memory().numTensors - numTensors).toBe(net.parameters().length - 1); // the variables, made when first used
  net.dispose();
});
