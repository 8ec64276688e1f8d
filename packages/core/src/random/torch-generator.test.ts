import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TorchGenerator } from './torch-generator.js';

const draws: readonly ((g: TorchGenerator) => ArrayLike<unknown>)[] = [
  (g) => [g.u32()],
  (g) => [g.u64()],
  (g) => g.normal(3),
  (g) => g.normal(37),
  (g) => g.normalFloat64(18),
  (g) => g.normalFloat64(5),
  (g) => g.uniform(10, -1, 1),
  (g) => g.uniformFloat64(4, 2, 3),
  (g) => g.randperm(700),
  (g) => g.randint(-5, 5, 4),
  (g) => g.randint(0, 2 ** 40, 2),
  (g) => g.bernoulli(9, 0.5),
  (g) => g.truncNormal(5),
  (g) => g.truncNormal(5, { a: 1.5, b: 2, method: 'rejection' }),
  (g) => g.bernoulliOf(Float64Array.of(0.2, 0.9)),
];

describe('TorchGenerator', () => {
  it('goes on from a saved state, cached normal included, after any draws', () => {
    const anyDraws = fc.array(fc.nat(draws.length - 1), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer(), anyDraws, anyDraws, (seed, before, after) => {
        const g = new TorchGenerator(seed);
        for (const i of before) draws[i]?.(g);
        const state = JSON.parse(JSON.stringify(g.state().values));
        const other = new TorchGenerator(0);
        other.setState({ values: state, tensors: g.state().tensors });
        for (const i of after) expect(draws[i]?.(other)).toEqual(draws[i]?.(g));
        expect(other.u32()).toBe(g.u32());
      }),
      { numRuns: 50 },
    );
  });

  it('does not move when a saved state is read', () => {
    const g = new TorchGenerator(3);
    const state = g.state();
    const first = g.u32();
    g.setState(state);
    expect(g.u32()).toBe(first);
    expect(state.values).toEqual({ position: 624, cachedNormal: null });
  });

  it('keeps one normal across other draws and forgets it on a new seed', () => {
    const g = new TorchGenerator(1);
    const pair = new TorchGenerator(1).normal(2);
    expect(g.normal(1)[0]).toBe(pair[0]);
    g.u32();
    expect(g.normal(1)[0]).toBe(pair[1]);
    g.manualSeed(1).normal(1);
    expect(g.manualSeed(1).normal(1)[0]).toBe(pair[0]);
  });

  it('takes seeds as PyTorch does: negative ones and bigints wrap to 32 bits', () => {
    expect(new TorchGenerator(-1).u32()).toBe(new TorchGenerator(0xffffffff).u32());
    expect(new TorchGenerator(2n ** 40n + 7n).u32()).toBe(new TorchGenerator(7).u32());
    expect(new TorchGenerator().u32()).toBe(new TorchGenerator(67280421310721n).u32());
  });

  it('fills what it is given and otherwise makes arrays', () => {
    const target = new Float32Array(20);
    expect(new TorchGenerator(5).normal(target)).toBe(target);
    expect(target).toEqual(new TorchGenerator(5).normal(20));
    expect(new TorchGenerator(5).uniform(0)).toHaveLength(0);
    expect(new TorchGenerator(5).randperm(0)).toHaveLength(0);
  });

  it('cuts truncated normals to their interval', () => {
    const values = new TorchGenerator(0).truncNormal(500, { std: 3, a: -0.5, b: 1 });
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.5);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(new Set(values).size).toBeGreaterThan(400);
  });

  it.each<[string, () => unknown]>([
    ['a fractional seed', () => new TorchGenerator(0.5)],
    ['a seed that is no number', () => new TorchGenerator(Number.NaN)],
    ['a negative count', () => new TorchGenerator(0).randperm(-1)],
    ['a fractional count', () => new TorchGenerator(0).uniform(1.5)],
    ['an empty range', () => new TorchGenerator(0).randint(3, 3)],
    ['an unsafe range', () => new TorchGenerator(0).randint(-(2 ** 53) + 1, 2 ** 53 - 1)],
    ['a foreign state', () => new TorchGenerator(0).setState({ values: { position: 3 }, tensors: new Map() })],
    [
      'a state beyond its end',
      () => new TorchGenerator(0).setState({ ...new TorchGenerator(0).state(), values: { position: 625 } }),
    ],
  ])('refuses %s with ENGINE_CORE_BAD_SEED', (_, misuse) => {
    expect(misuse).toThrow(expect.objectContaining({ code: 'ENGINE_CORE_BAD_SEED' }));
  });
});
