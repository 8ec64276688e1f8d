import { type HostArray, isHostArray } from '@engine/core';
import { visionErrors } from './errors.js';

/** An image as transforms see it: height, width, and how many values make up a pixel. */
export interface ImageView {
  readonly array: HostArray;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The image under `inputs` of a sample: `(H, W)` or `(H, W, C)`. @throws `ENGINE_VISION_IMAGE_TYPE` */
export function imageOf(sample: Record<string, unknown>, transform: string): ImageView {
  const array = sample.inputs;
  if (isHostArray(array) && (array.shape.length === 2 || array.shape.length === 3)) {
    const [height = 0, width = 0, channels = 1] = array.shape;
    return { array, height, width, channels };
  }
  throw visionErrors.IMAGE_TYPE({
    subject: transform,
    expected: 'a sample whose inputs are an image as a host array, (H, W) or (H, W, C)',
    received: isHostArray(array)
      ? `inputs of shape (${array.shape.join(', ')})`
      : `inputs = ${array === null ? 'null' : typeof array}`,
    action: 'put the transform after the one that loads the image',
  });
}

/** Typed arrays of one image's kind, for copying runs of pixels between them. */
export interface Pixels {
  readonly length: number;
  [index: number]: number | bigint;
  set(source: Pixels, offset: number): void;
  subarray(begin: number, end: number): Pixels;
  fill(value: number | bigint): this;
}

export function pixelsOf(array: HostArray): Pixels {
  return array.data as unknown as Pixels;
}
