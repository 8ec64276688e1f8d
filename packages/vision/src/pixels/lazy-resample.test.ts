import { hostArray } from '@engine/core';
import { LazyArray, zeros } from '@engine/dataset';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LazyImage } from '../lazy-image.js';
import { resampled } from './lazy-resample.js';
import { numbersIn } from './number-image.js';
import { type ResampleOptions, resample } from './resample.js';

function imageOf(height: number, width: number, channels = 3) {
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => Math.imul(i + 7, 2654435761) >>> 24);
  const array = hostArray('uint8', [height, width, channels], data);
  return numbersIn({ array, height, width, channels }, 'test');
}

const side = fc.integer({ min: 1, max: 70 });
const jobs = fc.record({ height: side, width: side }).chain(({ height, width }) =>
  fc.record({
    image: fc.constant(imageOf(height, width)),
    interpolation: fc.constantFrom('bilinear' as const, 'bicubic' as const),
    window: fc.record({ top: fc.nat(height - 1), left: fc.nat(width - 1) }).chain(({ top, left }) =>
      fc.record({
        top: fc.constant(top),
        left: fc.constant(left),
        height: fc.integer({ min: 1, max: height - top }),
        width: fc.integer({ min: 1, max: width - left }),
      }),
    ),
    to: fc.record({ height: fc.option(side), width: fc.option(side) }),
  }),
);

describe('resampled', () => {
  it('gives the bytes of the plain loops, with vectors', () => {
    fc.assert(
      fc.property(jobs, ({ image, interpolation, window, to }) => {
        const size = { height: to.height ?? window.height, width: to.width ?? window.width };
        const options: ResampleOptions = { ...size, interpolation, antialias: true, window };
        const later = resampled(image, options);
        expect(later).toBeInstanceOf(LazyImage);
        expect((later as LazyImage).compute(zeros)).toEqual(resample(image, options));
      }),
      { numRuns: 200 },
    );
  });

  it('can be computed again after another image has used its memory', () => {
    const options = { height: 9, width: 14, interpolation: 'bilinear', antialias: true } as const;
    const later = resampled(imageOf(20, 30), options) as LazyImage;
    const first = later.compute(zeros);
    (resampled(imageOf(300, 400), options) as LazyImage).compute(zeros);
    expect(later.compute(zeros)).toEqual(first);
    const mirrored = later.mirror().mirror().cut({ top: 2, left: 3, height: 4, width: 5 });
    expect([...mirrored.compute(zeros).data.subarray(0, 15)]).toEqual([
      ...first.data.subarray((2 * 14 + 3) * 3, (2 * 14 + 8) * 3),
    ]);
  });

  it('is the array itself for all else', () => {
    const options = { height: 9, width: 14, interpolation: 'bilinear', antialias: true } as const;
    for (const [image, given] of [
      [imageOf(20, 30, 1), options],
      [imageOf(20, 30), { ...options, antialias: false }],
      [imageOf(20, 30), { ...options, interpolation: 'nearest' as const }],
    ] as const) {
      const now = resampled(image, given);
      expect(now).not.toBeInstanceOf(LazyArray);
      expect(now).toEqual(resample(image, given));
    }
  });
});
