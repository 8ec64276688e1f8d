import { cpu } from '@engine/backend-cpu';
import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasm as backendWasm } from '../wasm.js';
import { assemble } from './assembler.js';
import { multiplyAddFunctions } from './multiply-add.js';
import { wasm } from './web-assembly.js';

const bits = (values: ArrayLike<number>): Int32Array => new Int32Array(Float32Array.from(values).buffer);
const float = fc.float();
/** Lengths around the rounds of the vectorised loop. */
const lengths = fc.integer({ min: 1, max: 70 });

/** Numbers as tensors, and what comes out of them. */
function run(a: readonly number[], b: readonly number[], c: readonly number[]): Float32Array {
  return tf.tidy(() => {
    const [x, y] = [a, b].map((values) => tf.tensor1d([...values], 'float32')) as [tf.Tensor, tf.Tensor];
    const factor = c.length === a.length ? tf.tensor1d([...c], 'float32') : tf.scalar(c[0] as number);
    return multiplyAdd(x, y, factor).dataSync<'float32'>();
  });
}

const triples = lengths.chain((length) => {
  const values = fc.array(float, { minLength: length, maxLength: length });
  const factors = fc.oneof(values, fc.array(float, { minLength: 1, maxLength: 1 }));
  return fc.tuple(values, values, factors);
});

describe.each([1, 2])('multiplyAdd with %s threads', (threads) => {
  const reference = cpu();
  const backend = backendWasm({ threads });
  beforeAll(async () => {
    await reference.init();
    await backend.init();
    return () => backend.dispose();
  });

  it('gives the bits of the reference, for every length, factor and value', async () => {
    await fc.assert(
      fc.asyncProperty(triples, async ([a, b, c]) => {
        await reference.init();
        const expected = run(a, b, c);
        await backend.init();
        const actual = run(a, b, c);
        for (const [i, value] of expected.entries())
          if (!Number.isNaN(value)) expect(bits(actual)[i]).toBe(bits(expected)[i]);
          else expect(actual[i]).toBeNaN();
      }),
      { numRuns: 60 },
    );
  });

  it('rounds once, where a product rounded by itself would be lost', () => {
    const factor = 1 + 2 ** -12; // its square needs 25 bits
    expect(run([-1], [factor], [factor])[0]).toBe(Math.fround(2 ** -11 + 2 ** -24));
    const product = Math.fround(factor * factor);
    expect(product - 1).not.toBe(2 ** -11 + 2 ** -24);
  });

  it('keeps the shape, reads the operands only, and goes on after the heap has grown', () => {
    const before = tf.memory().numTensors;
    const [a, b, c] = [tf.ones([2, 3, 2]), tf.tidy(() => tf.mul(tf.ones([2, 3, 2]), 2)), tf.scalar(0.5)];
    const first = multiplyAdd(a, b, c);
    const large = tf.zeros([2 ** 23 + backend.memory().numBytes]); // more than the heap holds at first
    const second = multiplyAdd(first, b, c);
    expect(first.shape).toEqual([2, 3, 2]);
    expect([...second.dataSync()]).toEqual(Array.from({ length: 12 }, () => 3));
    expect([...a.dataSync(), ...c.dataSync()]).toEqual([...Array.from({ length: 12 }, () => 1), 0.5]);
    tf.dispose([a, b, c, first, second, large]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the module without vectors', () => {
  type Functions = Record<'each' | 'scalar', (...parameters: number[]) => void>;
  const { Memory } = (
    globalThis as unknown as { WebAssembly: { Memory: new (limits: object) => { buffer: ArrayBuffer } } }
  ).WebAssembly;
  const memory = new Memory({ initial: 1 });
  const floats = new Float32Array(memory.buffer);
  const functions = [true, false].map(
    (simd) =>
      new wasm.Instance(new wasm.Module(assemble(multiplyAddFunctions(simd), { shared: false })), { env: { memory } })
        .exports as Functions,
  ) as [Functions, Functions];

  it.each(['each', 'scalar'] as const)('gives the same as the one with them and writes nowhere else: %s', (name) => {
    fc.assert(
      fc.property(lengths, fc.array(float, { minLength: 210, maxLength: 210 }), (length, values) => {
        const results = functions.map((one) => {
          floats.fill(7);
          floats.set(values, 0);
          const bytes = 4 * length;
          one[name]?.(0, 280, 560, 4 * 1000, bytes - (bytes % 32), bytes);
          return floats.slice();
        }) as [Float32Array, Float32Array];
        expect(results[1]).toEqual(results[0]);
        expect(results[0].slice(0, 1000)).toEqual(Float32Array.from({ length: 1000 }, (_, i) => values[i] ?? 7));
        expect(results[0].slice(1000 + length).every((value) => value === 7)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
