import { stepBench } from './step/contest.js';
import { stepOptions } from './step/options.js';

/** `step` with LeNet on TensorFlow's kernels. Needs `engine backend install node`. */
export const bench = stepBench('native', 0.65, (args) => stepOptions(['--backend', 'node', ...args]));
