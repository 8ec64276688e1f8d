import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { TorchGenerator } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Dropout, StepContext } from './index.js';
import { decode, type GoldenTensor } from './testing/golden.js';

const { dropout } = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/samplers.json', import.meta.url), 'utf8'),
) as { dropout: { id: string; seed: number; p: number; shape: number[]; masks: GoldenTensor[]; next_raw: number }[] };

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

  it('draws images channels first', () => {
    const context = new StepContext();
    context.stream = new TorchGenerator(4);
    const mask = context.dropoutMask([2, 2, 3, 5], 0.5, { path: '', call: 0 });
    const torch = new TorchGenerator(4).bernoulli(60, 0.5);
    for (let n = 0; n < 2; n++)
      for (let place = 0; place < 6; place++)
        for (let c = 0; c < 5; c++)
          expect(mask[(n * 6 + place) * 5 + c]).toBe((torch[(n * 5 + c) * 6 + place] as number) * 2);
  });

  it('without it is a function of seed, iteration, layer and call, whatever was drawn before', () => {
    const [one, other] = [new StepContext(), new StepContext()];
    for (const context of [one, other]) context.begin({ seed: 3, iteration: 7 });
    other.dropoutMask([50], 0.5, { path: 'elsewhere', call: 0 });
    const mask = (context: StepContext, call = 0): Float32Array =>
      context.dropoutMask([50], 0.5, { path: 'drop', call });
    expect(mask(one)).toEqual(mask(other));
    expect(mask(one, 1)).not.toEqual(mask(one));
  });
});
