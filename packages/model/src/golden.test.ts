import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import { type HostArray, hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Embedding,
  fromTorchLayout,
  GELU,
  Linear,
  MaxPool2d,
  Module,
  mseLoss,
  type Pair,
  type Parameter,
  type Reduction,
  ReLU,
  Sigmoid,
  Tanh,
  toTorchLayout,
} from './index.js';
import { decode, type GoldenTensor, relativeError } from './testing/golden.js';
import { upload } from './upload.js';

/** PyTorch's layers and losses: values and gradients, replayed in our layout. */
interface Case {
  readonly id: string;
  readonly op: string;
  readonly args: Record<string, never>;
  readonly inputs: Record<string, GoldenTensor>;
  readonly output: GoldenTensor;
  readonly output_grad: GoldenTensor | null;
  readonly grads: Record<string, GoldenTensor>;
}
interface BatchNormStep {
  readonly x: GoldenTensor;
  readonly output: GoldenTensor;
  readonly output_grad: GoldenTensor;
  readonly x_grad: GoldenTensor;
  readonly weight_grad: GoldenTensor | null;
  readonly running_mean: GoldenTensor | null;
  readonly running_var: GoldenTensor | null;
  readonly num_batches_tracked: number | null;
}
interface BatchNormCase {
  readonly id: string;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly track_running_stats: boolean;
  readonly weight: GoldenTensor | null;
  readonly bias: GoldenTensor | null;
  readonly train_steps: readonly BatchNormStep[];
  readonly eval_step: BatchNormStep;
}

const path = new URL('../../../tooling/golden/numerics/losses_layers.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[]; batch_norm: BatchNormCase[] };
const TOLERANCE = 1e-5;

const IMAGES = new Set(['conv2d', 'max_pool2d', 'avg_pool2d', 'adaptive_avg_pool2d', 'batch_norm']);
const isImage = (op: string, rank: number): boolean => rank === 4 && (IMAGES.has(op) || op === 'cross_entropy');
const toOurs = (x: tf.Tensor, op: string): tf.Tensor => (isImage(op, x.rank) ? tf.transpose(x, [0, 2, 3, 1]) : x);
const toTorch = (x: tf.Tensor, op: string): tf.Tensor => (isImage(op, x.rank) ? tf.transpose(x, [0, 3, 1, 2]) : x);

class Wrapped extends Module {
  constructor(readonly compute: (x: tf.Tensor, inputs: Record<string, tf.Tensor>) => tf.Tensor) {
    super();
  }
  forward(x: tf.Tensor, inputs: Record<string, tf.Tensor>): tf.Tensor {
    return this.compute(x, inputs);
  }
}

const ACTIVATIONS: Record<string, () => Module & { forward(x: tf.Tensor): tf.Tensor }> = {
  relu: () => new ReLU(),
  sigmoid: () => new Sigmoid(),
  tanh: () => new Tanh(),
  gelu: () => new GELU(),
  gelu_tanh: () => new GELU({ approximate: 'tanh' }),
};

function moduleOf({
  op,
  args: raw,
  inputs,
}: Case): Module & { readonly weight?: Parameter; readonly bias?: Parameter | undefined } {
  const args = raw as Record<string, unknown>;
  const shape = inputs['weight']?.shape ?? [];
  const stride = (args['stride'] ?? args['kernel_size']) as Pair;
  const padding = args['padding'] as Pair;
  const bias = 'bias' in inputs;
  const pool = { stride, padding, ceilMode: args['ceil_mode'] as boolean };
  switch (op) {
    case 'linear':
      return new Linear(shape[1] as number, shape[0] as number, { bias });
    case 'conv2d': {
      const groups = args['groups'] as number;
      const kernel: Pair = [shape[2] as number, shape[3] as number];
      return new Conv2d((shape[1] as number) * groups, shape[0] as number, kernel, {
        stride,
        padding,
        groups,
        bias,
        dilation: args['dilation'] as Pair,
      });
    }
    case 'max_pool2d':
      return new MaxPool2d(args['kernel_size'] as Pair, pool);
    case 'avg_pool2d':
      return new AvgPool2d(args['kernel_size'] as Pair, {
        ...pool,
        countIncludePad: args['count_include_pad'] as boolean,
      });
    case 'adaptive_avg_pool2d':
      return new AdaptiveAvgPool2d(args['output_size'] as Pair);
    case 'embedding': {
      const paddingIdx = args['padding_idx'] as number | null;
      return new Embedding(shape[0] as number, shape[1] as number, paddingIdx === null ? {} : { paddingIdx });
    }
    case 'activation':
      return (ACTIVATIONS[args['name'] as string] as () => Module)();
    case 'mse':
      return new Wrapped((x, { target }) =>
        mseLoss(x, target as tf.Tensor, { reduction: args['reduction'] as Reduction }),
      );
    case 'cross_entropy':
      return new Wrapped((x, { target, weight }) =>
        crossEntropy(x, target as tf.Tensor, {
          reduction: args['reduction'] as Reduction,
          labelSmoothing: args['label_smoothing'] as number,
          ignoreIndex: args['ignore_index'] as number,
          ...(weight === undefined ? {} : { weight }),
        }),
      );
    default:
      throw new Error(`no replay of ${op}`);
  }
}

function loadTorch(parameter: Parameter, { data }: HostArray): void {
  parameter.load(
    hostArray(
      'float32',
      parameter.shape,
      fromTorchLayout(data as Float32Array, parameter.shape, parameter.torchLayout),
    ),
  );
}

/** Errors of the output and of every recorded gradient, by name. */
function replay(c: Case): Record<string, number> {
  const module = moduleOf(c);
  const own = module.namedParameters();
  for (const [name, parameter] of own) loadTorch(parameter, decode(c.inputs[name] as GoldenTensor));
  const errors = tf.tidy(() => {
    const inputs = Object.fromEntries(
      Object.entries(c.inputs).map(([name, value]) => [name, toOurs(upload(decode(value)), c.op)]),
    );
    const free = Object.entries(inputs).filter(([name]) => !own.has(name));
    const [, first] = free[0] as [string, tf.Tensor];
    const variables = Object.fromEntries(
      Object.keys(c.grads).map((name) => [name, own.get(name)?.value ?? tf.variable(inputs[name] as tf.Tensor)]),
    );
    const cotangent = c.output_grad === null ? tf.scalar(1) : toOurs(upload(decode(c.output_grad)), c.op);
    const outputs: tf.Tensor[] = [];
    const { grads } = tf.variableGrads(() => {
      const y = (module as Wrapped).apply(variables['x'] ?? first, { ...inputs, ...variables });
      outputs.push(tf.keep(y));
      return tf.sum(tf.mul(y, cotangent));
    }, Object.values(variables));
    const output = outputs[0] as tf.Tensor;
    const found: Record<string, number> = {
      output: relativeError(toTorch(output, c.op).dataSync(), decode(c.output).data as Float32Array),
    };
    for (const [name, expected] of Object.entries(c.grads)) {
      const gradient = grads[(variables[name] as tf.Variable).name] as tf.Tensor;
      const parameter = own.get(name);
      const values =
        parameter === undefined
          ? toTorch(gradient, c.op).dataSync()
          : toTorchLayout(gradient.dataSync() as Float32Array, parameter.shape, parameter.torchLayout);
      found[`d ${name}`] = relativeError(values, decode(expected).data as Float32Array);
    }
    output.dispose();
    for (const [name, variable] of Object.entries(variables)) if (!own.has(name)) variable.dispose();
    return found;
  });
  module.dispose();
  return errors;
}

describe.each([cpu(), wasm()])('layers and losses against PyTorch on $name', (backend) => {
  beforeAll(() => backend.init());

  it('has enough cases to mean something', () => expect(golden.cases.length).toBeGreaterThanOrEqual(50));

  it.each(golden.cases.map((c) => [c.id, c] as const))('%s', (_, c) => {
    for (const [name, error] of Object.entries(replay(c)))
      expect(error, `${name} ${JSON.stringify(c.args)}`).toBeLessThanOrEqual(TOLERANCE);
  });

  it('notices one wrong element', () => {
    const [c] = golden.cases as [Case];
    const output = decode(c.output);
    (output.data as Float32Array)[0] = 1 + ((output.data as Float32Array)[0] as number);
    const text = btoa(String.fromCharCode(...new Uint8Array((output.data as Float32Array).buffer)));
    expect(replay({ ...c, output: { ...c.output, data: text } })['output']).toBeGreaterThan(TOLERANCE);
  });
});

describe.each([cpu(), wasm()])('BatchNorm2d against PyTorch on $name', (backend) => {
  beforeAll(() => backend.init());

  it.each(golden.batch_norm.map((c) => [c.id, c] as const))('%s', async (_, c) => {
    const layer = new BatchNorm2d(c.eval_step.x.shape[1] as number, {
      eps: c.eps,
      momentum: c.momentum,
      affine: c.affine,
      trackRunningStats: c.track_running_stats,
    });
    if (layer.weight !== undefined && c.weight !== null) loadTorch(layer.weight, decode(c.weight));
    if (layer.bias !== undefined && c.bias !== null) loadTorch(layer.bias, decode(c.bias));
    for (const step of [...c.train_steps, c.eval_step]) {
      layer.train(step !== c.eval_step);
      for (const [name, error] of Object.entries(stepErrors(layer, step))) {
        expect(error, name).toBeLessThanOrEqual(TOLERANCE);
      }
      if (step === c.eval_step) continue;
      const state = await layer.stateDict();
      for (const name of ['running_mean', 'running_var'] as const) {
        const expected = step[name];
        if (expected === null) expect(state.has(name)).toBe(false);
        else
          expect(
            relativeError(state.get(name)?.data as Float32Array, decode(expected).data as Float32Array),
            name,
          ).toBeLessThanOrEqual(TOLERANCE);
      }
      expect(state.get('num_batches_tracked')?.data[0]).toBe(
        step.num_batches_tracked === null ? undefined : BigInt(step.num_batches_tracked),
      );
    }
    layer.dispose();
  });

  /**
   * With two values a channel, d x is what rounding leaves of two equal terms: their size is what an error is relative to.
   * `dy` and `x` are in our layout.
   */
  function cancelledSize(dy: tf.Tensor, x: tf.Tensor, layer: BatchNorm2d): number {
    const { variance } = tf.moments(x, [0, 1, 2]);
    const scale = tf.mul(layer.weight?.value ?? 1, tf.rsqrt(tf.add(variance, layer.eps)));
    return tf.max(tf.abs(tf.mul(dy, scale))).dataSync()[0] as number;
  }

  function stepErrors(layer: BatchNorm2d, step: BatchNormStep): Record<string, number> {
    return tf.tidy(() => {
      const x = tf.variable(toOurs(upload(decode(step.x)), 'batch_norm'));
      const variables = [x, ...(layer.weight === undefined ? [] : [layer.weight.value])];
      const dy = toOurs(upload(decode(step.output_grad)), 'batch_norm');
      let output: Float32Array | undefined;
      const { grads } = tf.variableGrads(() => {
        const y = layer.apply(x);
        output = toTorch(y, 'batch_norm').dataSync() as Float32Array;
        return tf.sum(tf.mul(y, dy));
      }, variables);
      const errors: Record<string, number> = {
        output: relativeError(output ?? [], decode(step.output).data as Float32Array),
        'd x': relativeError(
          toTorch(grads[x.name] as tf.Tensor, 'batch_norm').dataSync(),
          decode(step.x_grad).data as Float32Array,
        ),
      };
      if ((layer.training || layer.runningMean === undefined) && x.size / layer.numFeatures === 2) {
        const largest = Math.max(...(decode(step.x_grad).data as Float32Array).map(Math.abs));
        errors['d x'] = ((errors['d x'] as number) * largest) / cancelledSize(dy, x, layer);
      }
      if (layer.weight !== undefined && step.weight_grad !== null) {
        errors['d weight'] = relativeError(
          (grads[layer.weight.value.name] as tf.Tensor).dataSync(),
          decode(step.weight_grad).data as Float32Array,
        );
      }
      x.dispose();
      return errors;
    });
  }
});
