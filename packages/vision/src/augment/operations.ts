import type { HostArray } from '@engine/core';
import { warped } from '../geometries.js';
import { imageOf } from '../image.js';
import { brightness, contrast, saturation } from '../pixels/colour.js';
import { affineMatrix } from '../pixels/matrix.js';
import { type NumberImage, numbersOf } from '../pixels/number-image.js';
import { autoContrast, equalize, invert, posterize, sharpness, solarize } from '../pixels/tone.js';

/** Changes that policies of augmentation are made of. */
export type OperationName =
  | 'Identity'
  | 'ShearX'
  | 'ShearY'
  | 'TranslateX'
  | 'TranslateY'
  | 'Rotate'
  | 'Brightness'
  | 'Color'
  | 'Contrast'
  | 'Sharpness'
  | 'Posterize'
  | 'Solarize'
  | 'AutoContrast'
  | 'Equalize'
  | 'Invert';

/** How what moves the image looks. */
export interface Look {
  readonly transform: string;
  readonly interpolation: 'nearest' | 'bilinear';
  readonly fill: number | readonly number[];
  readonly segFill: number;
}

const COLOURS: Partial<Record<OperationName, (image: NumberImage, magnitude: number) => HostArray>> = {
  Brightness: (image, magnitude) => brightness(image, 1 + magnitude),
  Color: (image, magnitude) => saturation(image, 1 + magnitude),
  Contrast: (image, magnitude) => contrast(image, 1 + magnitude),
  Sharpness: (image, magnitude) => sharpness(image, 1 + magnitude),
  Posterize: (image, magnitude) => posterize(image, Math.trunc(magnitude)),
  Solarize: solarize,
  AutoContrast: autoContrast,
  Equalize: equalize,
  Invert: invert,
};

const DEGREES = 180 / Math.PI;

/** The sample after one change; what moves the image moves its annotations. */
export function operated(
  sample: Record<string, unknown>,
  { name, magnitude }: { readonly name: OperationName; readonly magnitude: number },
  look: Look,
): Record<string, unknown> {
  if (name === 'Identity') return sample;
  const colours = COLOURS[name];
  if (colours !== undefined) return { ...sample, inputs: colours(numbersOf(sample, look.transform), magnitude) };
  const { height, width } = imageOf(sample, look.transform);
  const still = { angle: 0, translate: [0, 0], scale: 1, shear: [0, 0], center: [width / 2, height / 2] } as const;
  const slant = Math.atan(magnitude) * DEGREES;
  const shift = Math.trunc(magnitude);
  const parts = {
    ShearX: { shear: [slant, 0], center: [0, 0] },
    ShearY: { shear: [0, slant], center: [0, 0] },
    TranslateX: { translate: [shift, 0] },
    TranslateY: { translate: [0, shift] },
    Rotate: { angle: -magnitude },
  } as const;
  return warped(sample, affineMatrix({ ...still, ...parts[name as keyof typeof parts] }), look);
}
