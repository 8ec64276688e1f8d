import { registerComposedKernels, registerGradients } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Kernels, kernelFunc } from './kernel.js';
import { convolutions } from './kernels/convolutions.js';
import { creation } from './kernels/creation.js';
import { dilation } from './kernels/dilation.js';
import { elementwise } from './kernels/elementwise.js';
import { images } from './kernels/images.js';
import { losses } from './kernels/losses.js';
import { matrices } from './kernels/matrices.js';
import { normalization } from './kernels/normalization.js';
import { picking } from './kernels/picking.js';
import { pooling } from './kernels/pooling.js';
import { randomness } from './kernels/randomness.js';
import { reductions } from './kernels/reductions.js';
import { shaping } from './kernels/shaping.js';
import { updates } from './kernels/updates.js';

const kernels: Kernels = {
  ...convolutions,
  ...creation,
  ...dilation,
  ...elementwise,
  ...images,
  ...losses,
  ...matrices,
  ...normalization,
  ...picking,
  ...pooling,
  ...randomness,
  ...reductions,
  ...shaping,
  ...updates,
};

/** Registers gradients and kernels under a backend's name. Only the first call does anything. */
export function registerKernels(backendName: string): void {
  if (tf.getKernel(tf.Identity, backendName) !== undefined) return;
  registerGradients();
  for (const [kernelName, compute] of Object.entries(kernels))
    tf.registerKernel({ kernelName, backendName, kernelFunc: kernelFunc(compute) });
  registerComposedKernels(backendName);
}
