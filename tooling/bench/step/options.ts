import { parseArgs } from 'node:util';
import { type ModelName, modelNames } from './models.js';

const backendNames = ['node', 'wasm', 'cuda'] as const;
export type BackendName = (typeof backendNames)[number];

/** What a benchmark of a training step is told on the command line. */
export interface StepOptions {
  readonly backend: BackendName;
  readonly model: ModelName;
  readonly amp: 'bf16' | undefined;
  /** The same number on all sides. */
  readonly threads: number;
  /** Measures the step inside of the whole Runner against the bare one, PyTorch beside them where `rival` says so. */
  readonly through: 'runner' | undefined;
  readonly rival: 'torch' | undefined;
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`${option} is one of ${allowed.join(', ')}, not ${value}`);
  return found;
}

/** Reads `--backend node|wasm|cuda --model NAME [--amp bf16] [--threads N] [--through runner] [--rival torch]`; the defaults are LeNet on wasm in one thread against PyTorch. */
export function stepOptions(args: readonly string[]): StepOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      backend: { type: 'string', default: 'wasm' },
      model: { type: 'string', default: 'lenet' },
      amp: { type: 'string' },
      threads: { type: 'string', default: '1' },
      through: { type: 'string' },
      rival: { type: 'string' },
    },
  });
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1)
    throw new Error(`--threads is a number from 1 up, not ${values.threads}`);
  const through = values.through === undefined ? undefined : oneOf('--through', values.through, ['runner'] as const);
  const rival = values.rival === undefined ? undefined : oneOf('--rival', values.rival, ['torch'] as const);
  return {
    backend: oneOf('--backend', values.backend, backendNames),
    model: oneOf('--model', values.model, modelNames),
    amp: values.amp === undefined ? undefined : oneOf('--amp', values.amp, ['bf16'] as const),
    threads,
    through,
    rival: rival ?? (through === undefined ? 'torch' : undefined),
  };
}
