import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedRandom } from './keyed-random.js';
import { philox } from './philox.js';

describe('philox', () => {
  // known answers published with Random123 (Salmon et al., 2011), philox4x32, 10 rounds
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('counter %j, key %j', (counter, key, answer) => {
    const block = Uint32Array.from(counter);
    philox(block, key[0] as number, key[1] as number);
    expect(Array.from(block)).toEqual(answer);
  });
});

const first = (...key: [number, ...(number | string)[]]) => {
  const random = new KeyedRandom(...key);
  return Array.from({ length: 9 }, () => random.nextU32());
};

describe('KeyedRandom', () => {
  it('is known by its words, and starts anew from them', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string(), (seed, name) => {
        const random = new KeyedRandom(seed, name);
        const expected = first(seed, name);
        random.nextU32();
        const again = KeyedRandom.ofWords(random.words);
        expect(Array.from({ length: 9 }, () => again.nextU32())).toEqual(expected);
      }),
    );
  });

  it('depends on seed and key only', () => {
    const part = fc.oneof(fc.maxSafeInteger(), fc.string());
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.array(part, { maxLength: 4 }), (seed, key) => {
        new KeyedRandom(seed).nextU32();
        expect(first(seed, ...key)).toEqual(first(seed, ...key));
      }),
    );
  });

  it('may continue the key of another one, whatever that has drawn', () => {
    const parts = fc.array(fc.oneof(fc.maxSafeInteger(), fc.string()), { maxLength: 3 });
    fc.assert(
      fc.property(fc.maxSafeInteger(), parts, parts, fc.nat(9), (seed, start, end, drawn) => {
        const stem = new KeyedRandom(seed, ...start);
        for (let i = 0; i < drawn; i++) stem.nextU32();
        const continued = new KeyedRandom(stem, ...end);
        expect(Array.from({ length: 9 }, () => continued.nextU32())).toEqual(first(seed, ...start, ...end));
      }),
    );
  });

  it('gives other numbers for every other key', () => {
    const keys: [number, ...(number | string)[]][] = [
      [0],
      [1],
      [-1],
      [2 ** 32],
      [2 ** 40],
      [0, 0],
      [0, 0, 0],
      [0, 1],
      [1, 0],
      [0, ''],
      [0, 'a'],
      [0, 'ab'],
      [0, 'b', 'a'],
      [0, 'a', 'b'],
      [0, 'a\0'],
      [0, '0'],
      [0, 97],
    ];
    expect(new Set(keys.map((key) => first(...key).join())).size).toBe(keys.length);
  });

  it('pins its numbers, which checkpoints of older versions rely on', () => {
    expect(first(42, 'dropout', 3).slice(0, 3)).toEqual([359204779, 2689547293, 3034547764]);
  });

  it('draws uniforms with the right moments', () => {
    const values = new KeyedRandom(7).fillUniform(new Float32Array(40_000));
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(Math.max(...values.subarray(0, 10_000))).toBeLessThan(1);
    const random = new KeyedRandom(8);
    const doubles = Array.from({ length: 1000 }, () => random.nextFloat());
    expect(doubles.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(doubles.some((x) => x !== Math.fround(x))).toBe(true);
  });

  it('draws normals with the right moments', () => {
    const random = new KeyedRandom(9);
    const values = Array.from({ length: 20_000 }, () => random.nextNormal());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  it('draws integers in range, each about as often', () => {
    const random = new KeyedRandom(10, 'ints');
    const counts = Array.from({ length: 6 }, () => 0);
    for (let i = 0; i < 12_000; i++) {
      const drawn = random.nextInt(6);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    expect(counts).toHaveLength(6);
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(random.nextInt(1)).toBe(0);
    expect(random.nextInt(2 ** 32)).toBeLessThan(2 ** 32);
  });

  it('makes dropout masks', () => {
    const mask = new KeyedRandom(11).fillBernoulli(new Float32Array(20_000), 0.75, 1 / 0.75);
    const kept = mask.filter((x) => x !== 0);
    expect(Math.abs(kept.length / mask.length - 0.75)).toBeLessThan(0.015);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
    expect(new KeyedRandom(1).fillBernoulli(new Float32Array(100), 0)).toEqual(new Float32Array(100));
    expect(new KeyedRandom(1).fillBernoulli(new Float32Array(100), 1)).toEqual(new Float32Array(100).fill(1));
  });

  it.each<[string, () => unknown]>([
    ['a fractional seed', () => new KeyedRandom(0.1)],
    ['a key part that is no integer', () => new KeyedRandom(1, 'x', Number.NaN)],
    ['an empty range', () => new KeyedRandom(1).nextInt(0)],
    ['a range beyond 32 bits', () => new KeyedRandom(1).nextInt(2 ** 32 + 1)],
  ])('refuses %s with ENGINE_CORE_BAD_SEED', (_, misuse) => {
    expect(misuse).toThrow(expect.objectContaining({ code: 'ENGINE_CORE_BAD_SEED' }));
  });
});
