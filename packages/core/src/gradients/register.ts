import * as tf from '@tensorflow/tfjs-core';
import { standardGradients } from '../generated/standard-gradients.js';
import { BatchNormTrain, batchNormTrainGradient } from '../ops/batch-norm.js';
import { einsumGradient } from '../ops/einsum.js';
import { geluGradGradient, geluGradient } from '../ops/gelu.js';
import { standardizeGradient } from '../ops/standardize.js';
import { fusedBatchNormGradient } from './batch-norm.js';
import { conv2dGradient, depthwiseConv2dGradient } from './convolution.js';
import {
  absGradient,
  comparisonGradients,
  extremumGradients,
  logicalGradients,
  reluGradGradient,
  reluGradient,
  squaredDifferenceGradient,
} from './elementwise.js';
import { gatherGradient } from './gather.js';
import { gatherNdGradient, scatterNdGradient, stridedSliceGradient, topKGradient } from './indexing.js';
import { batchMatMulGradient } from './mat-mul.js';
import { unpackGradient } from './packing.js';
import { avgPoolGradient } from './pooling.js';
import { depthToSpaceGradient, mirrorPadGradient } from './rearranging.js';
import { cumsumGradient, meanGradient, prodGradient, sumGradient } from './reduction.js';
import { resizeBilinearGradient, resizeNearestNeighborGradient } from './resizing.js';
import { cumprodGradient } from './running-product.js';

/** Ours, where TensorFlow.js has none, a wrong one or a wasteful one. */
const ownGradients: readonly tf.GradConfig[] = [
  absGradient,
  avgPoolGradient,
  batchMatMulGradient,
  batchNormTrainGradient,
  ...comparisonGradients,
  conv2dGradient,
  cumprodGradient,
  cumsumGradient,
  depthToSpaceGradient,
  depthwiseConv2dGradient,
  einsumGradient,
  ...extremumGradients,
  fusedBatchNormGradient,
  gatherGradient,
  gatherNdGradient,
  geluGradient,
  geluGradGradient,
  ...logicalGradients,
  meanGradient,
  mirrorPadGradient,
  prodGradient,
  reluGradGradient,
  reluGradient,
  resizeBilinearGradient,
  resizeNearestNeighborGradient,
  scatterNdGradient,
  squaredDifferenceGradient,
  standardizeGradient,
  stridedSliceGradient,
  sumGradient,
  unpackGradient,
  topKGradient,
];

/** Makes TensorFlow.js able to differentiate: its standard gradients and ours. Every backend's `init` calls it; only the first call does anything. */
export function registerGradients(): void {
  if (tf.getGradient(BatchNormTrain) !== undefined) return;
  for (const gradient of [...standardGradients, ...ownGradients]) tf.registerGradient(gradient);
}
