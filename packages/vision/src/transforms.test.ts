import { type HostArray, hostArray } from '@engine/core';
import { type SampleContext, zeros } from '@engine/dataset';
import { describeTransform } from '@engine/dataset/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomCrop } from './random-crop.js';
import { RandomHorizontalFlip } from './random-horizontal-flip.js';

const DTYPES = ['float32', 'float64', 'int32', 'uint8', 'bool'] as const;

/** Pixel (y, x, c) is different for each place, and never 0. */
function image(dtype: (typeof DTYPES)[number], shape: readonly number[]): HostArray {
  const array = zeros(dtype, shape);
  for (let i = 0; i < array.data.length; i++) array.data[i] = 1 + (i % 255);
  return array;
}

const at = (array: HostArray, y: number, x: number, c = 0): number => {
  const [, width = 0, channels = 1] = array.shape;
  return Number(array.data[(y * width + x) * channels + c]);
};

const contexts = (count: number): SampleContext[] =>
  Array.from({ length: count }, (_, index) => ({ seed: 2, epoch: 0, index }));
const inputsOf = (sample: Record<string, unknown>): HostArray => sample.inputs as HostArray;

const dtypes = fc.constantFrom(...DTYPES);
const sizes = fc.record({
  height: fc.integer({ min: 1, max: 7 }),
  width: fc.integer({ min: 1, max: 7 }),
  channels: fc.constantFrom(undefined, 1, 3),
});
const shapeOf = ({ height, width, channels }: { height: number; width: number; channels: number | undefined }) =>
  channels === undefined ? [height, width] : [height, width, channels];

const samples = [{ inputs: image('uint8', [28, 28, 1]), samples: 3 }, { inputs: image('float32', [24, 30, 3]) }];
describeTransform(RandomCrop, { options: { size: [24, 20], padding: 1 }, samples });
describeTransform(RandomHorizontalFlip, { samples });

describe('RandomCrop', () => {
  it('shows a window of the padded image, pixel for pixel', () => {
    fc.assert(
      fc.property(
        dtypes,
        sizes,
        fc.nat(3),
        fc.nat(9),
        fc.nat(10_000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (dtype, size, padding, fill, index, fraction) => {
          const [rows, columns] = [size.height + 2 * padding, size.width + 2 * padding];
          const [height, width] = [
            1 + Math.floor(fraction * (rows - 1)),
            1 + Math.floor((1 - fraction) * (columns - 1)),
          ];
          const source = image(dtype, shapeOf(size));
          const crop = new RandomCrop({ size: [height, width], padding, fill });
          const out = inputsOf(crop.transform({ inputs: source }, { seed: 1, epoch: 0, index }));
          expect(out.dtype).toBe(dtype);
          expect(out.shape).toEqual(shapeOf({ ...size, height, width }));
          const padded = (y: number, x: number, c: number) =>
            y < padding || x < padding || y >= padding + size.height || x >= padding + size.width
              ? fill
              : at(source, y - padding, x - padding, c);
          const fits = (top: number, left: number) => {
            for (let y = 0; y < height; y++)
              for (let x = 0; x < width; x++)
                for (let c = 0; c < (size.channels ?? 1); c++)
                  if (at(out, y, x, c) !== padded(top + y, left + x, c)) return false;
            return true;
          };
          const places = Array.from({ length: (rows - height + 1) * (columns - width + 1) }, (_, i) => i);
          expect(places.some((i) => fits(Math.floor(i / (columns - width + 1)), i % (columns - width + 1)))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is the identity when the window is the whole image', () => {
    const source = image('uint8', [5, 6, 3]);
    expect(
      new RandomCrop({ size: [5, 6] }).transform({ inputs: source, samples: 1 }, contexts(1)[0] as SampleContext),
    ).toEqual({ inputs: source, samples: 1 });
  });

  it('reaches every place, about equally often', () => {
    const crop = new RandomCrop({ size: 2, padding: 0 });
    const counts = new Map<number, number>();
    for (const ctx of contexts(1800)) {
      const corner = at(inputsOf(crop.transform({ inputs: image('uint8', [4, 4]) }, ctx)), 0, 0);
      counts.set(corner, (counts.get(corner) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 5, 6, 7, 9, 10, 11]);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
  });

  it('crops int64 arrays too', () => {
    const source = hostArray('int64', [1, 2], BigInt64Array.of(5n, 6n));
    const out = inputsOf(
      new RandomCrop({ size: [3, 4], padding: 1, fill: -1 }).transform(
        { inputs: source },
        contexts(1)[0] as SampleContext,
      ),
    );
    expect([...out.data]).toEqual([-1n, -1n, -1n, -1n, -1n, 5n, 6n, -1n, -1n, -1n, -1n, -1n]);
  });

  it('refuses options out of range, also without a config', () => {
    for (const options of [
      { size: 0 },
      { size: 1.5 },
      { size: [3, -1] as [number, number] },
      { size: 3, padding: -1 },
      { size: 3, fill: Number.NaN },
    ]) {
      expect(() => new RandomCrop(options)).toThrow(/ENGINE_REGISTRY_BAD_OPTION/);
    }
  });

  it('refuses images that are too small with ENGINE_VISION_IMAGE_SHAPE', () => {
    const crop = new RandomCrop({ size: [5, 3], padding: 1 });
    expect(() => crop.transform({ inputs: image('uint8', [2, 8]) }, contexts(1)[0] as SampleContext)).toThrow(
      /ENGINE_VISION_IMAGE_SHAPE/,
    );
  });
});

describe('RandomHorizontalFlip', () => {
  const [ctx] = contexts(1) as [SampleContext];

  it('mirrors each row, keeping the channels of a pixel together', () => {
    fc.assert(
      fc.property(dtypes, sizes, (dtype, size) => {
        const source = image(dtype, shapeOf(size));
        const out = inputsOf(new RandomHorizontalFlip({ p: 1 }).transform({ inputs: source }, ctx));
        expect([out.dtype, out.shape]).toEqual([dtype, source.shape]);
        for (let y = 0; y < size.height; y++)
          for (let x = 0; x < size.width; x++)
            for (let c = 0; c < (size.channels ?? 1); c++)
              expect(at(out, y, x, c)).toBe(at(source, y, size.width - 1 - x, c));
      }),
    );
  });

  it('twice is the identity', () => {
    const flip = new RandomHorizontalFlip({ p: 1 });
    const source = image('float32', [4, 5, 3]);
    expect(flip.transform(flip.transform({ inputs: source }, ctx), ctx)).toEqual({ inputs: source });
  });

  it('never flips with p = 0, and then does not copy', () => {
    const source = image('uint8', [4, 5]);
    const flip = new RandomHorizontalFlip({ p: 0 });
    for (const each of contexts(50)) expect(flip.transform({ inputs: source }, each).inputs).toBe(source);
  });

  it('refuses a p that is not a probability', () => {
    for (const p of [-0.1, 1.1, Number.NaN])
      expect(() => new RandomHorizontalFlip({ p })).toThrow(/ENGINE_REGISTRY_BAD_OPTION/);
  });

  it('flips about as often as p says', () => {
    const source = image('uint8', [1, 2]);
    const flip = new RandomHorizontalFlip({ p: 0.3 });
    const flipped = contexts(2000).filter((each) => flip.transform({ inputs: source }, each).inputs !== source);
    expect(Math.abs(flipped.length - 600)).toBeLessThan(90);
  });

  it('refuses what is not an image with ENGINE_VISION_IMAGE_TYPE', () => {
    for (const inputs of [
      undefined,
      null,
      3,
      [1],
      new Uint8Array(4),
      hostArray('uint8', [4], new Uint8Array(4)),
      hostArray('uint8', [1, 1, 1, 1], new Uint8Array(1)),
    ]) {
      expect(() => new RandomHorizontalFlip().transform({ inputs }, ctx)).toThrow(/ENGINE_VISION_IMAGE_TYPE/);
      expect(() => new RandomCrop({ size: 1 }).transform({ inputs }, ctx)).toThrow(/ENGINE_VISION_IMAGE_TYPE/);
    }
  });
});
