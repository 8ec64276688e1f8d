import type { HostArray, HostData } from '@engine/core';
import { zeros } from '@engine/dataset';
import { visionErrors } from '../errors.js';
import { type ImageView, imageOf } from '../image.js';

type NumberType = 'uint8' | 'float32' | 'float64' | 'int32';
export type Numbers = HostData[NumberType];

/** An image whose values can be calculated with. */
export interface NumberImage extends ImageView {
  readonly array: HostArray<NumberType>;
  readonly data: Numbers;
  /** The largest value: 255 for uint8, 1 for floating point, 65535 for int32 (16 bits of a file). */
  readonly max: number;
  readonly isInteger: boolean;
}

const MAX: Readonly<Record<NumberType, number>> = { uint8: 255, int32: 65535, float32: 1, float64: 1 };

/** The image under `inputs` of a sample, to calculate with. @throws `ENGINE_VISION_IMAGE_TYPE` */
export function numbersOf(sample: Record<string, unknown>, transform: string): NumberImage {
  return numbersIn(imageOf(sample, transform), transform);
}

/** @throws `ENGINE_VISION_IMAGE_TYPE` for int64 and bool */
export function numbersIn(view: ImageView, transform: string): NumberImage {
  const { dtype, data } = view.array;
  if (dtype !== 'int64' && dtype !== 'bool') {
    const array = view.array as HostArray<NumberType>;
    const isInteger = dtype === 'uint8' || dtype === 'int32';
    return { ...view, array, data: data as Numbers, max: MAX[dtype], isInteger };
  }
  throw visionErrors.IMAGE_TYPE({
    subject: transform,
    expected: 'an image of uint8, int32, float32 or float64',
    received: `an image of ${dtype}`,
    action: 'convert it before',
  });
}

/** A new image like `view`, zero, of another size. */
export function blank(view: NumberImage, height: number, width: number): NumberImage {
  const shape = view.array.shape.length === 2 ? [height, width] : [height, width, view.channels];
  const array = zeros(view.array.dtype, shape);
  return { ...view, array, data: array.data, height, width };
}

/** Three channels, or one. @throws `ENGINE_VISION_IMAGE_SHAPE` */
export function checkColour({ channels, array }: ImageView, transform: string): void {
  if (channels === 1 || channels === 3) return;
  throw visionErrors.IMAGE_SHAPE({
    subject: transform,
    expected: 'an image of 1 or 3 channels',
    received: `shape (${array.shape.join(', ')})`,
    action: "load it with colorType: 'color' or 'grayscale'",
  });
}

/** Stores computed values from `at` on: integers rounded (halves to the even neighbour) and kept in range. */
export function store(values: Float64Array, { data, isInteger, max }: NumberImage, at: number): void {
  if (!isInteger) data.set(values, at);
  else if (data instanceof Uint8Array)
    new Uint8ClampedArray(data.buffer, data.byteOffset, data.length).set(values, at); // which rounds so, and fast
  else
    for (let i = 0; i < values.length; i++)
      data[at + i] = Math.min(max, Math.max(0, roundHalfEven(values[i] as number)));
}

/** As Python rounds, and PyTorch: halves to the even neighbour. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
