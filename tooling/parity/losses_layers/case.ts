import { upload } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { decode, type GoldenTensor } from '../harness/tensors.js';
import type { Comparison } from './comparison.js';
import { channelsFirst, channelsLast, loadTorch, torchValues } from './layout.js';
import { type Args, type Subject, subjectOf } from './subjects.js';

type Tensors = Readonly<Record<string, GoldenTensor>>;

/** One call of a layer or loss, and its backward pass. */
export interface Case {
  readonly id: string;
  readonly op: string;
  readonly args: Args;
  readonly inputs: Tensors;
  readonly output: GoldenTensor;
  /** What the output's gradient is; null for scalars, where it is 1. */
  readonly output_grad: GoldenTensor | null;
  readonly grads: Tensors;
}

export function replayCase(golden: Case, compare: Comparison): void {
  const shapes = Object.fromEntries(Object.entries(golden.inputs).map(([name, { shape }]) => [name, shape]));
  const subject = subjectOf(golden.op, golden.args, shapes);
  try {
    tf.tidy(() => replay(golden, subject, compare));
  } finally {
    subject.layer?.dispose();
  }
}

function replay({ inputs, output, output_grad, grads }: Case, subject: Subject, compare: Comparison): void {
  const own = subject.layer?.namedParameters() ?? new Map<string, never>();
  for (const [name, parameter] of own) loadTorch(parameter, inputs[name] as GoldenTensor);
  const free = Object.entries(inputs)
    .filter(([name]) => !own.has(name))
    .map(([name, value]) => [name, placed(upload(decode(value)), subject.channels.includes(name))] as const);
  const tensors = Object.fromEntries(free);
  const differentiated = Object.keys(grads).filter((name) => !own.has(name));
  const variables = Object.fromEntries(
    differentiated.map((name) => [name, tf.variable(tensors[name] as tf.Tensor)] as const),
  );
  try {
    const weights = Object.keys(grads).map((name) => own.get(name)?.value ?? (variables[name] as tf.Variable));
    const dy = output_grad === null ? tf.scalar(1) : placed(upload(decode(output_grad)), subject.channelsOut);
    let y: tf.Tensor | undefined;
    const results = tf.variableGrads(() => {
      y = tf.keep(subject.run({ ...tensors, ...variables }));
      return tf.sum(tf.mul(y, dy));
    }, weights);
    const ours = subject.channelsOut ? channelsFirst(y as unknown as tf.Tensor) : (y as unknown as tf.Tensor);
    compare.exact('shape', ours.shape, output.shape);
    compare.tensor('output', ours.dataSync(), output);
    for (const [i, [name, expected]] of Object.entries(grads).entries()) {
      const gradient = results.grads[(weights[i] as tf.Variable).name] as tf.Tensor;
      const parameter = own.get(name);
      const isMoved = subject.channels.includes(name);
      const values =
        parameter === undefined
          ? (isMoved ? channelsFirst(gradient) : gradient).dataSync()
          : torchValues(gradient, parameter);
      compare.tensor(`d ${name}`, values, expected);
    }
    tf.dispose(y);
  } finally {
    tf.dispose(variables);
  }
}

const placed = (x: tf.Tensor, hasChannels: boolean): tf.Tensor => (hasChannels ? channelsLast(x) : x);
