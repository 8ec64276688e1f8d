import { stepBench } from './step/contest.js';
import { stepOptions } from './step/options.js';

/** A whole training step of any of five models on any backend: `--backend node|wasm|cuda --model NAME [--amp bf16] [--threads N] [--through runner] [--rival torch]`. */
export const bench = stepBench('step', 0.2, stepOptions);
