import type { HostArray } from '@engine/core';
import { LazyImage } from '../lazy-image.js';
import { FastResample } from './fast-resample.js';
import type { NumberImage } from './number-image.js';
import { type ResampleOptions, resample } from './resample.js';

let fast: FastResample | undefined;
let isTried = false;

/**
 * As {@link resample}, with vectors for bytes in three channels. Those are made when the image is computed, in memory of the thread that the next
 * image uses again: what follows in the same pass over the pixels reads them there.
 */
export function resampled(image: NumberImage, options: ResampleOptions): HostArray | LazyImage {
  const { height, width, interpolation, antialias } = options;
  const { array, channels } = image;
  if (interpolation === 'nearest' || !antialias || array.dtype !== 'uint8' || channels !== 3)
    return resample(image, options);
  if (!isTried) fast = FastResample.make();
  isTried = true;
  if (fast === undefined) return resample(image, options);
  const maker = fast;
  const shape = [height, width, channels];
  const { window = { top: 0, left: 0, height: image.height, width: image.width } } = options;
  return LazyImage.later({
    dtype: 'uint8',
    shape,
    read: () => ({ dtype: 'uint8', shape, data: maker.run({ image, window, height, width, interpolation }) }),
  });
}
