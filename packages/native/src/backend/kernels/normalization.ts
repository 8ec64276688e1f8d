import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, Handle } from '../../tensor-flow.js';
import {
  bool,
  type Compute,
  float,
  input,
  type KernelCall,
  type Kernels,
  T_FLOAT,
  TIDX,
  text,
  type,
} from '../kernel.js';
import { countOf, type NativeKernelBackend } from '../kernel-backend.js';

const attributesOf = (epsilon: number, isTraining: boolean): Attribute[] => [
  T_FLOAT,
  type('U', 'float32'),
  float('epsilon', epsilon),
  text('data_format', 'NHWC'),
  bool('is_training', isTraining),
];

/** TensorFlow's batch norm takes four axes; the channels are the last. */
function asImages({ b }: KernelCall, x: tf.TensorInfo): Handle {
  if (x.shape.length === 4) return b.handleOf(x);
  const channels = x.shape.at(-1) as number;
  const shape = [countOf(x) / channels, 1, 1, channels];
  return b.run('Reshape', [b.handleOf(x), b.ints(shape)], [T_FLOAT, type('Tshape', 'int32')]);
}

/** `BatchNormTrain` of `@engine/core` in one op. */
const batchNormTrain: Compute = (call) => {
  const { b, attrs } = call;
  const [x, gamma, beta] = [input(call, 'x'), input(call, 'gamma'), input(call, 'beta')];
  const none = b.floats([], [0]);
  const handles = [asImages(call, x), b.handleOf(gamma), b.handleOf(beta), none, none];
  const outputs = b.runMany('FusedBatchNormV3', handles, attributesOf(Number(attrs['epsilon']), true), 6);
  const [y, mean, , , variance] = outputs as [Handle, Handle, Handle, Handle, Handle];
  const whole = x.shape.length === 4 ? y : b.run('Reshape', [y, b.ints(x.shape)], [T_FLOAT, type('Tshape', 'int32')]);
  return [
    b.keep(whole, x.shape, 'float32'),
    b.keep(mean, gamma.shape, 'float32'),
    b.keep(variance, [...gamma.shape], 'float32'),
  ];
};

/** `BatchNormTrainGrad` of `@engine/core` in one op. */
const batchNormTrainGrad: Compute = (call) => {
  const { b, attrs } = call;
  const [x, gamma] = [input(call, 'x'), input(call, 'gamma')];
  const handles = [
    asImages(call, input(call, 'dy')),
    asImages(call, x),
    ...['gamma', 'mean', 'variance'].map((name) => b.handleOf(input(call, name))),
    b.floats([], [0]),
  ];
  const outputs = b.runMany('FusedBatchNormGradV3', handles, attributesOf(Number(attrs['epsilon']), true), 5);
  const [dx, dgamma, dbeta] = outputs as [Handle, Handle, Handle];
  const whole = x.shape.length === 4 ? dx : b.run('Reshape', [dx, b.ints(x.shape)], [T_FLOAT, type('Tshape', 'int32')]);
  return [
    b.keep(whole, x.shape, 'float32'),
    b.keep(dgamma, gamma.shape, 'float32'),
    b.keep(dbeta, [...gamma.shape], 'float32'),
  ];
};

/** Within a slice (outer, length, groups, depth). */
const WITHIN = [1, 3];

/** Mean over each slice; the two inner axes may be one. */
function sliceMean(b: NativeKernelBackend, x: Handle): Handle {
  return b.run('Mean', [x, b.ints(WITHIN)], [T_FLOAT, TIDX, bool('keep_dims', true)]);
}

function inverseDeviation(b: NativeKernelBackend, variance: Handle, epsilon: unknown): Handle {
  return b.run('Rsqrt', [b.run('AddV2', [variance, b.scalar(Number(epsilon))], [T_FLOAT])], [T_FLOAT]);
}

/** `Standardize` of `@engine/core`. */
const standardize: Compute = (call) => {
  const { b, attrs } = call;
  const x = input(call, 'x');
  const mean = sliceMean(b, b.handleOf(x));
  const centred = b.run('Sub', [b.handleOf(x), mean], [T_FLOAT]);
  const variance = sliceMean(b, b.run('Square', [centred], [T_FLOAT]));
  const inverse = inverseDeviation(b, variance, attrs['epsilon']);
  const shape = x.shape.map((extent, axis) => (WITHIN.includes(axis) ? 1 : extent));
  return [
    b.output('Mul', [centred, inverse], [T_FLOAT], x.shape, 'float32'),
    b.keep(mean, shape, 'float32'),
    b.keep(variance, [...shape], 'float32'),
  ];
};

/** `StandardizeGrad` of `@engine/core`: `dx = (dy - mean(dy) - y mean(dy y)) / deviation`. */
const standardizeGrad: Compute = (call) => {
  const { b, attrs } = call;
  const [dy, y, variance] = ['dy', 'y', 'variance'].map((name) => b.handleOf(input(call, name))) as [
    Handle,
    Handle,
    Handle,
  ];
  const slope = sliceMean(b, b.run('Mul', [dy, y], [T_FLOAT]));
  const centred = b.run('Sub', [dy, sliceMean(b, dy)], [T_FLOAT]);
  const residual = b.run('Sub', [centred, b.run('Mul', [y, slope], [T_FLOAT])], [T_FLOAT]);
  const inverse = inverseDeviation(b, variance, attrs['epsilon']);
  return b.output('Mul', [residual, inverse], [T_FLOAT], input(call, 'y').shape, 'float32');
};

/** Batch norm by given statistics, of any broadcastable shape. */
const fusedBatchNorm: Compute = (call) => {
  const { b, inputs, attrs } = call;
  const { x, scale, offset, mean, variance } = inputs as Record<string, tf.TensorInfo>;
  const at = (info: tf.TensorInfo): Handle => b.handleOf(info);
  const spread = b.run('AddV2', [at(variance as tf.TensorInfo), b.scalar(Number(attrs['varianceEpsilon']))], [T_FLOAT]);
  const inverse = b.run('Rsqrt', [spread], [T_FLOAT]);
  const slope = scale === undefined ? inverse : b.run('Mul', [inverse, at(scale)], [T_FLOAT]);
  const centred = b.run('Sub', [at(x as tf.TensorInfo), at(mean as tf.TensorInfo)], [T_FLOAT]);
  const scaled = b.run('Mul', [centred, slope], [T_FLOAT]);
  const result = offset === undefined ? scaled : b.run('AddV2', [scaled, at(offset)], [T_FLOAT]);
  return b.keep(result, (x as tf.TensorInfo).shape, 'float32');
};

export const normalization: Kernels = {
  BatchNormTrain: batchNormTrain,
  BatchNormTrainGrad: batchNormTrainGrad,
  Standardize: standardize,
  StandardizeGrad: standardizeGrad,
  [tf.FusedBatchNorm]: fusedBatchNorm,
};
