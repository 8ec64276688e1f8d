import type { Buffer as ModelBuffer, Module, Parameter } from '@engine/model';
import { upload } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { decode, type GoldenTensor, scaleOf } from '../harness/tensors.js';
import type { Comparison } from './comparison.js';
import { channelsFirst, channelsLast, loadTorch } from './layout.js';
import { construct } from './subjects.js';

interface Step {
  readonly x: GoldenTensor;
  readonly output: GoldenTensor;
  readonly output_grad: GoldenTensor;
  readonly x_grad: GoldenTensor;
  readonly weight_grad: GoldenTensor | null;
  readonly bias_grad?: GoldenTensor | null;
  readonly running_mean?: GoldenTensor | null;
  readonly running_var?: GoldenTensor | null;
  readonly num_batches_tracked?: number | null;
}

/** Steps in training and one in evaluation on the same layer. */
export interface BatchNormCase {
  readonly id: string;
  readonly cls: string;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly track_running_stats: boolean;
  readonly weight: GoldenTensor | null;
  readonly bias: GoldenTensor | null;
  readonly train_steps: readonly Step[];
  readonly eval_step: Step;
}

type BatchNorm = Module & {
  readonly numFeatures: number;
  readonly eps: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly runningMean: ModelBuffer | undefined;
  forward(x: tf.Tensor): tf.Tensor;
};

export async function replayBatchNorm(golden: BatchNormCase, compare: Comparison): Promise<void> {
  const layer = construct(golden.cls, golden.eval_step.x.shape[1], {
    eps: golden.eps,
    momentum: golden.momentum,
    affine: golden.affine,
    trackRunningStats: golden.track_running_stats,
  }) as BatchNorm;
  try {
    if (layer.weight !== undefined && golden.weight !== null) loadTorch(layer.weight, golden.weight);
    if (layer.bias !== undefined && golden.bias !== null) loadTorch(layer.bias, golden.bias);
    for (const [i, step] of golden.train_steps.entries()) {
      tf.tidy(() => replayStep(layer.train(), step, (name, ...rest) => compare.tensor(`step ${i}: ${name}`, ...rest)));
      await compareState(layer, step, compare);
    }
    tf.tidy(() =>
      replayStep(layer.eval(), golden.eval_step, (name, ...rest) => compare.tensor(`evaluation: ${name}`, ...rest)),
    );
  } finally {
    layer.dispose();
  }
}

async function compareState(layer: BatchNorm, step: Step, compare: Comparison): Promise<void> {
  const state = await layer.stateDict();
  for (const name of ['running_mean', 'running_var'] as const) {
    const expected = step[name] ?? null;
    compare.exact(`has ${name}`, state.has(name), expected !== null);
    if (expected !== null) compare.tensor(name, (state.get(name)?.data ?? []) as ArrayLike<number>, expected);
  }
  const batches = state.get('num_batches_tracked')?.data[0];
  compare.exact('num_batches_tracked', batches === undefined ? null : Number(batches), step.num_batches_tracked);
}

type Compare = (name: string, actual: ArrayLike<number>, expected: GoldenTensor, scale?: number) => void;

function replayStep(layer: BatchNorm, step: Step, compare: Compare): void {
  const x = tf.variable(channelsLast(upload(decode(step.x))));
  const dy = channelsLast(upload(decode(step.output_grad)));
  const { weight, bias } = layer;
  try {
    const variables = [x, ...[weight, bias].flatMap((parameter) => (parameter === undefined ? [] : [parameter.value]))];
    const { grads } = tf.variableGrads(() => {
      const y = layer.apply(x);
      compare('output', channelsFirst(y).dataSync(), step.output);
      return tf.sum(tf.mul(y, dy));
    }, variables);
    const isBatch = layer.training || layer.runningMean === undefined;
    const cancels = isBatch && x.size / layer.numFeatures === 2;
    const scale = cancels ? cancelledSize(dy, x, layer) : scaleOf(decode(step.x_grad).data as Float32Array);
    compare('d x', channelsFirst(grads[x.name] as tf.Tensor).dataSync(), step.x_grad, scale);
    for (const [name, parameter] of Object.entries({ weight, bias })) {
      const expected = step[`${name as 'weight' | 'bias'}_grad`] ?? null;
      if (parameter === undefined || expected === null) continue;
      compare(`d ${name}`, (grads[parameter.value.name] as tf.Tensor).dataSync(), expected);
    }
  } finally {
    x.dispose();
  }
}

/** With two values a channel, d x is what rounding leaves of two equal terms: their size is what its error is relative to. */
function cancelledSize(dy: tf.Tensor, x: tf.Tensor, layer: BatchNorm): number {
  const { variance } = tf.moments(
    x,
    x.shape.slice(0, -1).map((_, axis) => axis),
  );
  const scale = tf.mul(layer.weight?.value ?? 1, tf.rsqrt(tf.add(variance, layer.eps)));
  return tf.max(tf.abs(tf.mul(dy, scale))).dataSync()[0] as number;
}
