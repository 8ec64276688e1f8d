import { type HostArray, hostArray } from '@engine/core';
import { Compose, type LazyArray, type SampleContext, zeros } from '@engine/dataset';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LazyImage, type Window } from './lazy-image.js';
import { RandomCrop } from './random-crop.js';
import { RandomHorizontalFlip } from './random-horizontal-flip.js';

type Step =
  | { readonly do: 'cut'; readonly window: Window; readonly fill: number }
  | { readonly do: 'mirror' }
  | { readonly do: 'lookUp'; readonly shift: number };

/** An image as nested lists: what the steps mean, without any thought of speed. */
type Grid = number[][][];

function apply(grid: Grid, step: Step): Grid {
  const channels = grid[0]?.[0]?.length ?? 0;
  if (step.do === 'mirror') return grid.map((row) => [...row].reverse());
  if (step.do === 'lookUp')
    return grid.map((row) => row.map((pixel) => pixel.map((value, c) => valueOf(value, c, step.shift))));
  const { top, left, height, width } = step.window;
  const beyond = Array.from({ length: channels }, () => step.fill);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => grid[y + top]?.[x + left] ?? beyond),
  );
}

const valueOf = (value: number, channel: number, shift: number): number =>
  Math.fround(value * 0.1 + channel * 7 + shift);
const tableOf = (channels: number, shift: number): Float32Array =>
  Float32Array.from({ length: 256 * channels }, (_, i) => valueOf(i % 256, Math.floor(i / 256), shift));

function applyLazily(image: LazyImage, step: Step): LazyImage {
  if (step.do === 'mirror') return image.mirror();
  if (step.do === 'cut') return image.cut(step.window, step.fill);
  return image.lookUp(tableOf(image.channels, step.shift)) ?? image;
}

const offset = fc.integer({ min: -5, max: 7 });
const extent = fc.integer({ min: 1, max: 8 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('cut' as const),
      window: fc.record({ top: offset, left: offset, height: extent, width: extent }),
      fill: fc.nat(255),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'mirror' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lookUp' as const), shift: fc.nat(9) }) },
);

const gridOf = ({ shape: [height = 0, width = 0, channels = 1], data }: HostArray): Grid =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) =>
      Array.from({ length: channels }, (_, c) => Number(data[(y * width + x) * channels + c])),
    ),
  );

const picture = (shape: readonly number[], dtype: 'uint8' | 'float32' | 'int64' = 'uint8'): HostArray => {
  const array = zeros(dtype, shape);
  for (let i = 0; i < array.data.length; i++)
    array.data[i] = dtype === 'int64' ? BigInt((i * 37) % 256) : (i * 37) % 256;
  return array;
};

describe('LazyImage', () => {
  it('is, once computed, what its steps give one after the other', () => {
    const shapes = fc.tuple(extent, extent, fc.constantFrom(1, 3, 4));
    fc.assert(
      fc.property(
        shapes,
        fc.constantFrom('uint8', 'float32', 'int64'),
        fc.array(steps, { maxLength: 5 }),
        (shape, dtype, drawn) => {
          let lookedUp = dtype !== 'uint8';
          const list = drawn.filter((step) => {
            if (step.do !== 'lookUp') return true;
            const isFirst = !lookedUp;
            lookedUp = true; // afterwards it is float32
            return isFirst;
          });
          const source = picture(shape, dtype);
          const before = structuredClone(source);
          const lazy = list.reduce(applyLazily, LazyImage.of({ inputs: source }, 'test'));
          const out = lazy.compute(zeros);
          expect(gridOf(out)).toEqual(list.reduce(apply, gridOf(source)));
          expect([out.dtype, out.shape]).toEqual([lazy.dtype, lazy.shape]);
          expect(lazy.compute(zeros)).toEqual(out);
          expect(source).toEqual(before);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('reads images without channels', () => {
    const image = LazyImage.of({ inputs: picture([2, 3]) }, 'test').mirror();
    expect(image.shape).toEqual([2, 3]);
    expect([...image.compute(zeros).data]).toEqual([74, 37, 0, 185, 148, 111]);
  });

  it('looks up uint8 only', () => {
    expect(
      LazyImage.of({ inputs: picture([2, 2, 1], 'float32') }, 'test').lookUp(new Float32Array(256)),
    ).toBeUndefined();
  });

  it('takes another lazy array for what it is', () => {
    const inputs = LazyImage.of({ inputs: picture([2, 3]) }, 'test');
    const other: LazyArray = Object.create(Object.getPrototypeOf(LazyImage.prototype), {
      compute: { value: (make: typeof zeros) => inputs.compute(make) },
    });
    expect(LazyImage.of({ inputs: other }, 'test').compute(zeros)).toEqual(picture([2, 3]));
    expect(() => LazyImage.of({ inputs: 3 }, 'test')).toThrow(/ENGINE_VISION_IMAGE_TYPE/);
  });
});

describe('a pipeline of images', () => {
  const crop = new RandomCrop({ size: [6, 5], padding: 2, fill: 9 });
  const flip = new RandomHorizontalFlip();
  const contexts: SampleContext[] = Array.from({ length: 40 }, (_, index) => ({ seed: 3, epoch: 1, index }));

  it('gives what its transforms give one after the other', () => {
    const pipeline = new Compose([crop, flip, crop, flip]);
    for (const ctx of contexts) {
      const sample = { inputs: picture([6, 7, 3]), samples: 1 };
      let expected: Record<string, unknown> = sample;
      for (const [i, transform] of [crop, flip, crop, flip].entries())
        expected = transform.transform(expected, { ...ctx, stream: String(i) });
      expect(pipeline.transform(sample, ctx)).toEqual(expected);
    }
  });

  it('ends in the memory it is given', () => {
    for (const ctx of contexts) {
      const memory = hostArray('uint8', [6, 5, 3], new Uint8Array(90));
      const row = (() => memory) as unknown as SampleContext['row'];
      const out = new Compose([crop]).transform({ inputs: picture([6, 7, 3]) }, { ...ctx, row }) as { inputs: unknown };
      expect(out.inputs).toBe(memory);
      expect(out).toEqual(new Compose([crop]).transform({ inputs: picture([6, 7, 3]) }, ctx));
    }
  });
});
