import { type Logger, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Module } from './module.js';

/**
 * Names of trainable parameters that `loss` does not depend on: forgotten layers, or detached ones. Each is logged as an error. Computes
 * all gradients once, so it is for looking into a model, not for every step.
 */
export function detectAnomalousParams(loss: () => tf.Tensor, model: Module, logger?: Logger): string[] {
  const parameters = [...model.namedParameters()].filter(([, { trainable }]) => trainable);
  const unreached = tensorScope(() => {
    const always = tf.variable(tf.scalar(0)); // or nothing at all might be reached, which TensorFlow.js refuses
    try {
      const variables = [always, ...parameters.map(([, { value }]) => value)];
      const { grads } = tf.variableGrads(() => tf.add(tf.sum(loss()), always) as tf.Scalar, variables);
      return parameters.filter(([, { value }]) => grads[value.name] === undefined || grads[value.name] === null);
    } finally {
      always.dispose();
    }
  });
  for (const [name, { shape }] of unreached)
    logger?.error(`${name} with shape (${shape.join(', ')}) is not in the computational graph`);
  return unreached.map(([name]) => name);
}
