import { node } from '@engine/backend-node';
import { lenetStep } from './harness/lenet-step.js';

/** A whole training step on TensorFlow's kernels. Needs `engine backend install node`. */
export const bench = lenetStep({ name: 'native', aim: 0.65, backend: () => node({ threads: 1 }) });
