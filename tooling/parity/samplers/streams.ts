import { MersenneTwister, sizeOf, TorchGenerator } from '@engine/core';
import { workerSeed } from '@engine/dataset';
import { type Allowed, absolute, type Comparison, decode, type Encoded, ulp } from './comparison.js';

interface Seeded {
  readonly id: string;
  readonly seed: number;
}
interface Op {
  readonly op: string;
  readonly shape?: readonly number[];
  readonly dtype?: string;
  readonly values?: Encoded | readonly (number | string)[];
  readonly probs?: Encoded;
  readonly [argument: string]: unknown;
}
type Values = ArrayLike<number | bigint>;

/** Sections that hold draws of one generator. */
export const streamSections = {
  raw: ({ seed, values }: Seeded & { values: number[] }, compare: Comparison) => {
    const generator = new TorchGenerator(seed);
    compare.check(
      'values',
      Array.from(values, () => generator.u32()),
      values,
    );
  },
  randperm: ({ seed, n, values }: Seeded & { n: number; values: Encoded | number[] }, compare: Comparison) =>
    compare.check('values', new TorchGenerator(seed).randperm(n), values),
  randperm_sequence: ({ seed, n, values }: Seeded & { n: number[]; values: number[][] }, compare: Comparison) => {
    const generator = new TorchGenerator(seed);
    for (const [i, length] of n.entries()) compare.check(`values[${i}]`, generator.randperm(length), values[i] ?? []);
  },
  streams: (golden: Seeded & { ops: Op[]; next_raw: number }, compare: Comparison) => {
    const generator = new TorchGenerator(golden.seed);
    for (const [i, op] of golden.ops.entries()) {
      if (op.op === 'manual_seed') generator.manualSeed(op['seed'] as number);
      else compare.check(`ops[${i}] ${op.op}`, draw(generator, op), op.values ?? [], allowedFor(op));
    }
    compare.check('next_raw', [generator.u32()], [golden.next_raw]);
  },
  dropout: (
    { seed, p, shape, masks, next_raw }: Seeded & { p: number; shape: number[]; masks: Encoded[]; next_raw: number },
    compare: Comparison,
  ) => {
    const generator = new TorchGenerator(seed);
    for (const [i, mask] of masks.entries())
      compare.check(`masks[${i}]`, generator.bernoulli(sizeOf(shape), 1 - p), mask);
    compare.check('next_raw', [generator.u32()], [next_raw]);
  },
  dataloader_seed_draw: (
    { seed, base_seed, next_raw }: Seeded & { base_seed: string; next_raw: number },
    compare: Comparison,
  ) => {
    const generator = new TorchGenerator(seed);
    compare.check('base_seed', [generator.randomInt64()], [base_seed]);
    compare.check('next_raw', [generator.u32()], [next_raw]);
  },
  worker_seeds: (golden: WorkerSeedCase, compare: Comparison) => {
    const { worker_id: workerId, num_workers: numWorkers, rank, seed } = golden;
    const own = workerSeed({ workerId, numWorkers, rank, seed });
    compare.check('torch_initial_seed', [own], [golden.torch_initial_seed]);
    const torch = new TorchGenerator(own).randint(0, 1e6, golden.torch_randint_1000000.length);
    compare.check('torch_randint_1000000', torch, golden.torch_randint_1000000);
    const numpy = new MersenneTwister(own);
    compare.check('numpy_random_sample', doubles(numpy, golden.numpy_random_sample), golden.numpy_random_sample);
    const python = new MersenneTwister();
    python.seedByArray([own]);
    compare.check('python_random', doubles(python, golden.python_random), golden.python_random);
  },
};

interface WorkerSeedCase extends Seeded {
  readonly worker_id: number;
  readonly num_workers: number;
  readonly rank: number;
  readonly torch_initial_seed: number;
  readonly torch_randint_1000000: readonly number[];
  readonly numpy_random_sample: readonly number[];
  readonly python_random: readonly number[];
}

const doubles = (twister: MersenneTwister, like: readonly number[]): number[] => like.map(() => twister.nextDouble());

function draw(generator: TorchGenerator, op: Op): Values {
  const n = sizeOf(op.shape ?? []);
  const isDouble = op.dtype === 'float64';
  const number = (name: string, fallback: number): number => (op[name] as number | undefined) ?? fallback;
  switch (op.op) {
    case 'rand':
    case 'uniform_': {
      const bounds = [number('a', 0), number('b', 1)] as const;
      return isDouble ? generator.uniformFloat64(n, ...bounds) : generator.uniform(n, ...bounds);
    }
    case 'randn':
    case 'normal_': {
      const moments = [number('mean', 0), number('std', 1)] as const;
      return isDouble ? generator.normalFloat64(n, ...moments) : generator.normal(n, ...moments);
    }
    case 'randint':
      return generator.randint(number('low', 0), number('high', 0), n);
    case 'random_int64':
      return [generator.randomInt64()];
    case 'randperm':
      return generator.randperm(number('n', 0));
    case 'bernoulli_':
      return generator.bernoulli(n, number('p', 0.5));
    case 'bernoulli_tensor':
      return generator.bernoulliOf(decode(op.probs as Encoded) as Float32Array);
    default:
      throw new Error(`no replay of ${op.op}`);
  }
}

function allowedFor({ op, dtype, std, a, b }: Op): Allowed {
  if (op === 'randn' || op === 'normal_') return absolute(2e-6 * ((std as number | undefined) ?? 1));
  if (op === 'uniform_')
    return ulp(dtype, Math.max(Math.abs((a as number | undefined) ?? 0), Math.abs((b as number | undefined) ?? 1)));
  return 'exact';
}
