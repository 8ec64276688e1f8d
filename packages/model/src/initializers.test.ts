import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { TorchGenerator } from '@engine/core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BatchNorm2d,
  Conv2d,
  constant,
  Embedding,
  fans,
  gainOf,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  Linear,
  Module,
  normal,
  Parameter,
  toTorchLayout,
  truncNormal,
  uniform,
  xavierNormal,
  xavierUniform,
} from './index.js';
import { decode, type GoldenTensor } from './testing/golden.js';

interface InitCase {
  readonly id: string;
  readonly kind: string;
  readonly seed: number;
  readonly shape: readonly number[];
  readonly args: Record<string, number> & { mode?: 'fan_in' | 'fan_out'; nonlinearity?: 'relu' };
  readonly values: GoldenTensor;
}
interface LayersCase {
  readonly id: string;
  readonly seed: number;
  readonly layers: readonly { readonly kind: string; readonly args: Record<string, number | boolean | null> }[];
  readonly values: readonly Record<string, GoldenTensor>[];
}

const path = new URL('../../../tooling/golden/numerics/samplers.json', import.meta.url);
const golden = JSON.parse(readFileSync(path, 'utf8')) as { init: InitCase[]; layers: LayersCase[] };

/** `trunc_normal_torch` is PyTorch's own method, which the engine does not offer. */
const INITIALIZERS: Record<string, (args: InitCase['args']) => Initializer> = {
  kaiming_uniform: (args) => kaimingUniform(args),
  kaiming_normal: (args) => kaimingNormal(args),
  xavier_uniform: ({ gain }) => xavierUniform(gain),
  xavier_normal: ({ gain }) => xavierNormal(gain),
  trunc_normal_mmengine: (args) => truncNormal({ ...(args as Record<string, number>) }),
  uniform: ({ a, b }) => uniform(a, b),
  normal: ({ mean, std }) => normal(mean, std),
};

describe('initialisers draw exactly what PyTorch draws', () => {
  const cases = golden.init.filter(({ kind }) => kind in INITIALIZERS);
  it.each(cases.map((c) => [c.id, c] as const))('%s', (_, { kind, args, seed, shape, values }) => {
    const init = (INITIALIZERS[kind] as (args: InitCase['args']) => Initializer)(args);
    expect(init(shape, new TorchGenerator(seed))).toEqual(decode(values).data);
  });

  it('covers every kind but one', () => {
    expect(new Set(golden.init.map(({ kind }) => kind))).toEqual(
      new Set([...Object.keys(INITIALIZERS), 'trunc_normal_torch']),
    );
  });
});

/** PyTorch's LayerNorm draws nothing and has two vectors. */
class VectorNorm extends Module {
  weight: Parameter;
  bias: Parameter;
  constructor(size: number) {
    super();
    this.weight = new Parameter([size], constant(1));
    this.bias = new Parameter([size], constant(0));
  }
  forward(): void {}
}

function build({ kind, args }: LayersCase['layers'][number]): Module {
  const at = (name: string): number => args[name] as number;
  const bias = args['bias'] !== false;
  switch (kind) {
    case 'Linear':
      return new Linear(at('in'), at('out'), { bias });
    case 'Conv2d':
      return new Conv2d(at('in'), at('out'), at('k'), { bias, groups: (args['groups'] as number | undefined) ?? 1 });
    case 'Embedding':
      return new Embedding(
        at('num'),
        at('dim'),
        typeof args['padding_idx'] === 'number' ? { paddingIdx: args['padding_idx'] } : {},
      );
    case 'BatchNorm2d':
      return new BatchNorm2d(at('num'));
    case 'LayerNorm':
      return new VectorNorm(at('num'));
    default:
      throw new Error(`no layer ${kind}`);
  }
}

describe('layers built one after the other start with exactly the weights of PyTorch', () => {
  beforeAll(() => cpu().init());

  it.each(golden.layers.map((c) => [c.id, c] as const))('%s', async (_, c) => {
    class Stack extends Module {
      layers = c.layers.map(build);
      forward(): void {}
    }
    const stack = new Stack();
    stack.initWeights(c.seed);
    const state = await stack.stateDict();
    const parameters = stack.namedParameters();
    let compared = 0;
    for (const [i, values] of c.values.entries()) {
      for (const [name, expected] of Object.entries(values)) {
        const parameter = parameters.get(`layers.${i}.${name}`);
        if (parameter === undefined) continue;
        const ours = state.get(`layers.${i}.${name}`)?.data as Float32Array;
        expect(toTorchLayout(ours, parameter.shape, parameter.torchLayout), `${i}.${name}`).toEqual(
          decode(expected).data,
        );
        compared += 1;
      }
    }
    expect(compared).toBe(parameters.size);
  });
});

describe('arithmetic', () => {
  it('counts fans of kernels', () => {
    expect(fans([8, 3, 5, 5])).toEqual({ fanIn: 75, fanOut: 200 });
  });

  it('ENGINE_MODEL_BAD_INITIALIZER: a vector has no fans', () => {
    expect(() => kaimingNormal()([4], new TorchGenerator(0))).toThrow('ENGINE_MODEL_BAD_INITIALIZER');
  });

  it('knows the gains', () => {
    expect([
      gainOf('linear'),
      gainOf('sigmoid'),
      gainOf('tanh'),
      gainOf('relu'),
      gainOf('leaky_relu', 1),
      gainOf('selu'),
    ]).toEqual([1, 1, 5 / 3, Math.SQRT2, 1, 0.75]);
  });

  it('keeps every draw in its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
        (seed, shape) => {
          const bound = Math.sqrt(6 / (shape[0] + shape[1]));
          const values = xavierUniform()(shape, new TorchGenerator(seed));
          expect(values).toHaveLength(shape[0] * shape[1]);
          expect(values.every((x) => Math.abs(x) <= Math.fround(bound))).toBe(true);
          const cut = truncNormal({ a: -0.5, b: 0.25 })(shape, new TorchGenerator(seed));
          expect(cut.every((x) => x >= -0.5 && x <= 0.25)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});
