import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { TorchGenerator } from '@engine/core';
import { toCamelCase } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as model from './index.js';
import { Dropout, type Module, StepContext, upload } from './index.js';
import { decode, type GoldenTensor } from './testing/golden.js';

const { dropout } = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/samplers.json', import.meta.url), 'utf8'),
) as { dropout: { id: string; seed: number; p: number; shape: number[]; masks: GoldenTensor[]; next_raw: number }[] };

/** See `tooling/golden/record_stream.py`. */
interface StreamCase {
  readonly id: string;
  readonly layer: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly channels: boolean;
  readonly x: GoldenTensor;
  readonly outputs: readonly GoldenTensor[];
  readonly next_27_bits: number;
}
const { cases: stream } = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/stream.json', import.meta.url), 'utf8'),
) as { cases: StreamCase[] };
const axesOf = (x: tf.Tensor, from: number): number[] => x.shape.map((_, axis) => axis).slice(from);

beforeAll(() => cpu().init());

describe("StepContext with PyTorch's stream", () => {
  it.each(dropout.map((golden) => [golden.id, golden] as const))(
    'makes Dropout drop what PyTorch drops: %s',
    (_, { seed, p, shape, masks, next_raw }) => {
      const layer = new Dropout(p);
      const stream = new TorchGenerator(seed);
      layer.stepContext.stream = stream;
      for (const mask of masks) {
        const dropped = tf.tidy(() => layer.apply(tf.ones(shape)).dataSync());
        const scale = Math.fround(1 / Math.fround(1 - p));
        expect([...dropped]).toEqual(Array.from(decode(mask).data as Uint8Array, (kept) => kept * scale));
      }
      expect(stream.u32()).toBe(next_raw);
    },
  );

  it.each(stream.map((golden) => [golden.id, golden] as const))(
    'makes layers draw what PyTorch draws: %s',
    (_, { layer: name, args, options, seed, channels, x, outputs, next_27_bits }) => {
      const named = new Map<string, unknown>(Object.entries(model));
      const create = named.get(name) as new (
        ...args: readonly unknown[]
      ) => Module & { forward(...x: tf.Tensor[]): unknown };
      const given = Object.entries(options).map(([key, value]) => [toCamelCase(key), value]);
      const layer = new create(...args, ...(given.length === 0 ? [] : [Object.fromEntries(given)]));
      layer.initWeights(seed);
      const generator = new TorchGenerator(seed + 1);
      layer.stepContext.stream = generator;
      for (const expected of outputs) {
        const error = tf.tidy(() => {
          const input = upload(decode(x));
          const operands = { MultiheadAttention: 3, TransformerDecoderLayer: 2 }[name] ?? 1;
          const moved = channels ? tf.transpose(input, [0, ...axesOf(input, 2), 1]) : input;
          const [output] = [layer.apply(...Array.from({ length: operands }, () => moved))].flat() as [tf.Tensor];
          const y = channels ? tf.transpose(output, [0, output.rank - 1, ...axesOf(output, 1).slice(0, -1)]) : output;
          return tf.max(tf.abs(tf.sub(y, upload(decode(expected))))).dataSync()[0];
        });
        expect(error).toBeLessThan(3e-6);
      }
      expect(generator.u32() % 2 ** 27).toBe(next_27_bits);
      layer.dispose();
    },
  );

  it('draws images channels first', () => {
    const context = new StepContext();
    context.stream = new TorchGenerator(4);
    const mask = tf.tidy(() => context.dropoutMask([2, 2, 3, 5], 0.5, { path: '', call: 0 }).dataSync());
    const torch = new TorchGenerator(4).bernoulli(60, 0.5);
    for (let n = 0; n < 2; n++)
      for (let place = 0; place < 6; place++)
        for (let c = 0; c < 5; c++)
          expect(mask[(n * 6 + place) * 5 + c]).toBe((torch[(n * 5 + c) * 6 + place] as number) * 2);
  });

  it('without it is a function of seed, iteration, layer and call, whatever was drawn before', () => {
    const [one, other] = [new StepContext(), new StepContext()];
    for (const context of [one, other]) context.begin({ seed: 3, iteration: 7 });
    const mask = (context: StepContext, call = 0, path = 'drop'): number[] =>
      tf.tidy(() => [...context.dropoutMask([50], 0.5, { path, call }).dataSync()]);
    mask(other, 0, 'elsewhere');
    expect(mask(one)).toEqual(mask(other));
    expect(mask(one, 1)).not.toEqual(mask(one));
  });
});
