import type { ParameterLike } from '@engine/core';
import * as optim from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';

type OptimizerClass = new (
  params: readonly ParameterLike[] | readonly optim.OptimizerGroupInput[],
  options: object,
) => optim.Optimizer;

/** Our class of a name in PyTorch. */
export function classOf(name: string): OptimizerClass | undefined {
  const found: unknown = (optim as Readonly<Record<string, unknown>>)[name];
  return typeof found === 'function' && 'entry' in found && (found.entry as { kind: string }).kind === 'optimizer'
    ? (found as unknown as OptimizerClass)
    : undefined;
}

/** A parameter without a model; its value belongs to the caller. */
export function parameterOf(name: string, values: Float32Array, shape: readonly number[]): ParameterLike {
  const value = tf.tidy(() => tf.variable(tf.tensor(values.slice(), [...shape], 'float32'), true));
  return { name, shape, value, trainable: true, torchLayout: 'same' };
}
