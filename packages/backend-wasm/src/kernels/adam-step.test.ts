import { cpu } from '@engine/backend-cpu';
import { type AdamStepInputs, adamStep } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasm as backendWasm } from '../wasm.js';
import { adamStepFunctions } from './adam-step.js';
import { assemble } from './assembler.js';
import { wasm } from './web-assembly.js';

const float = fc.float({ min: -1e3, max: 1e3, noNaN: true });
const positive = fc.float({ min: 0, max: 1e3, noNaN: true });
const rate = fc.float({ min: Math.fround(0.01), max: 1, noNaN: true });
/** Lengths around the turns of the vectorised loop. */
const trials = fc.integer({ min: 1, max: 40 }).chain((size) => {
  const many = (each: fc.Arbitrary<number>): fc.Arbitrary<number[]> =>
    fc.array(each, { minLength: size, maxLength: size });
  return fc.record({
    elements: fc.record({
      start: many(float),
      slope: many(float),
      average: many(float),
      averageSquare: many(positive),
    }),
    rates: fc.record({ intake: rate, keepSquare: rate, intakeSquare: rate, root: rate, eps: rate, descent: rate }),
    fromSlope: fc.boolean(),
  });
});
type Trial = typeof trials extends fc.Arbitrary<infer T> ? T : never;

function run({ elements, rates, fromSlope }: Trial): number[][] {
  return tf.tidy(() => {
    const vectors = Object.entries(elements).map(([name, values]) => [name, tf.tensor1d(values, 'float32')]);
    const scalars = Object.entries(rates).map(([name, value]) => [name, tf.scalar(value, 'float32')]);
    const inputs = Object.fromEntries([...vectors, ...scalars]) as AdamStepInputs;
    return Object.values(adamStep(inputs, { fromSlope })).map((tensor: tf.Tensor) => [...tensor.dataSync()]);
  });
}

describe.each([1, 2])('adamStep with %s threads', (threads) => {
  const reference = cpu();
  const backend = backendWasm({ threads });
  beforeAll(async () => {
    await reference.init();
    await backend.init();
    return () => backend.dispose();
  });

  it('gives the bits of the reference, which composes it, for every length', async () => {
    await fc.assert(
      fc.asyncProperty(trials, async (trial) => {
        await reference.init();
        const expected = run(trial);
        await backend.init();
        expect(run(trial)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the shape and leaves its operands as they are', async () => {
    await backend.init();
    tf.tidy(() => {
      const [average, averageSquare] = [tf.zeros([2, 3]), tf.zeros([2, 3])];
      const rates = { intake: 0.1, keepSquare: 0.99, intakeSquare: 0.01, root: 0.1, eps: 1e-8, descent: -0.1 };
      const scalars = Object.fromEntries(Object.entries(rates).map(([name, value]) => [name, tf.scalar(value)]));
      const inputs = { start: tf.ones([2, 3]), slope: tf.ones([2, 3]), average, averageSquare, ...scalars };
      const result = adamStep(inputs as unknown as AdamStepInputs, { fromSlope: false });
      for (const tensor of Object.values(result)) expect((tensor as tf.Tensor).shape).toEqual([2, 3]);
      expect(result.value.dataSync()[5]).toBeCloseTo(0.99, 5);
      expect([...average.dataSync(), ...averageSquare.dataSync()]).toEqual(Array.from({ length: 12 }, () => 0));
    });
  });
});

describe('the module without vectors', () => {
  type Functions = Record<'fromAverage' | 'fromSlope', (...parameters: number[]) => void>;
  const { Memory } = (
    globalThis as unknown as { WebAssembly: { Memory: new (limits: object) => { buffer: ArrayBuffer } } }
  ).WebAssembly;
  const memory = new Memory({ initial: 1 });
  const floats = new Float32Array(memory.buffer);
  const [vectorised, plain] = [true, false].map(
    (simd) =>
      new wasm.Instance(new wasm.Module(assemble(adamStepFunctions(simd), { shared: false })), { env: { memory } })
        .exports as Functions,
  ) as [Functions, Functions];

  it.each(['fromAverage', 'fromSlope'] as const)(
    'gives the same as the one with them, and writes three outputs: %s',
    (name) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 40 }),
          fc.array(positive, { minLength: 500, maxLength: 500 }),
          (size, values) => {
            const results = [vectorised, plain].map((one) => {
              floats.fill(7);
              floats.set(values);
              const inputs = [0, 1, 2, 3].map((i) => 4 * 50 * i);
              const rates = [0, 1, 2, 3, 4, 5].map((i) => 4 * (200 + i));
              const outputs = [1000, 1100, 1200].map((at) => 4 * at);
              one[name](...inputs, ...rates, ...outputs, 32 * Math.floor(size / 8), 4 * size);
              return floats.slice();
            }) as [Float32Array, Float32Array];
            expect(results[1]).toEqual(results[0]);
            for (const at of [1000, 1100, 1200])
              expect(results[0].slice(at + size, at + 100).every((value) => value === 7)).toBe(true);
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});
