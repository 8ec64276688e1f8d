import { wasm } from '@engine/backend-wasm';
import { lenetStep } from './harness/lenet-step.js';

/** A whole training step on the default backend. */
export const bench = lenetStep({ name: 'step', aim: 0.2, backend: () => wasm({ threads: 1 }) });
