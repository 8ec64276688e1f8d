import * as tf from '@tensorflow/tfjs-core';
import { standardGradients } from '../generated/standard-gradients.js';
import { BatchNormTrain, batchNormTrainGradient } from '../ops/batch-norm.js';
import { standardizeGradient } from '../ops/standardize.js';
import { fusedBatchNormGradient } from './batch-norm.js';
import { conv2dGradient, depthwiseConv2dGradient } from './convolution.js';
import {
  absGradient,
  comparisonGradients,
  extremumGradients,
  reluGradient,
  squaredDifferenceGradient,
} from './elementwise.js';
import { gatherGradient } from './gather.js';
import { unpackGradient } from './packing.js';
import { avgPoolGradient } from './pooling.js';
import { cumsumGradient, meanGradient, prodGradient, sumGradient } from './reduction.js';

/** Ours, where TensorFlow.js has none, a wrong one or a wasteful one. */
const ownGradients: readonly tf.GradConfig[] = [
  absGradient,
  avgPoolGradient,
  batchNormTrainGradient,
  ...comparisonGradients,
  conv2dGradient,
  cumsumGradient,
  depthwiseConv2dGradient,
  ...extremumGradients,
  fusedBatchNormGradient,
  gatherGradient,
  meanGradient,
  prodGradient,
  reluGradient,
  squaredDifferenceGradient,
  standardizeGradient,
  sumGradient,
  unpackGradient,
];

/** Makes TensorFlow.js able to differentiate: its standard gradients and ours. Every backend's `init` calls it; only the first call does anything. */
export function registerGradients(): void {
  if (tf.getGradient(BatchNormTrain) !== undefined) return;
  for (const gradient of [...standardGradients, ...ownGradients]) tf.registerGradient(gradient);
}
