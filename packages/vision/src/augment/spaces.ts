import type { KeyedRandom } from '@engine/core';
import { roundHalfEven } from '../pixels/number-image.js';
import type { OperationName } from './operations.js';

/** The strengths of a change, weakest first; undefined where it has none. */
export interface Strengths {
  readonly name: OperationName;
  readonly magnitudes: readonly number[] | undefined;
  /** The other direction is as likely. */
  readonly isSigned: boolean;
}

/** How far changes go at most. */
export interface Reach {
  readonly shear: number;
  /** Pixels: [across, down]. */
  readonly translate: readonly [number, number];
  readonly rotate: number;
  /** Of brightness, colour, contrast, sharpness. */
  readonly colour: number;
  /** Bits that posterizing keeps, from the first to the second. */
  readonly bits: readonly [number, number];
}

const COLOUR: readonly OperationName[] = ['Brightness', 'Color', 'Contrast', 'Sharpness'];

/** The changes, each in `bins` strengths evenly spaced. */
export function strengths(bins: number, { shear, translate, rotate, colour, bits }: Reach): Strengths[] {
  const upTo = (most: number) => evenly(bins, 0, most);
  const signed = (name: OperationName, most: number): Strengths => ({ name, magnitudes: upTo(most), isSigned: true });
  const plain = (name: OperationName, magnitudes?: readonly number[]): Strengths => ({
    name,
    magnitudes,
    isSigned: false,
  });
  const lost = bits[0] - bits[1];
  return [
    plain('Identity'),
    signed('ShearX', shear),
    signed('ShearY', shear),
    signed('TranslateX', translate[0]),
    signed('TranslateY', translate[1]),
    signed('Rotate', rotate),
    ...COLOUR.map((name) => signed(name, colour)),
    plain(
      'Posterize',
      upTo(lost).map((value) => bits[0] - roundHalfEven(value)),
    ),
    plain('Solarize', evenly(bins, 255, 0)),
    plain('AutoContrast'),
    plain('Equalize'),
  ];
}

/** What AutoAugment and RandAugment reach, for an image of this size. */
export function usualReach(height: number, width: number): Reach {
  const part = 150 / 331;
  return { shear: 0.3, translate: [part * width, part * height], rotate: 30, colour: 0.9, bits: [8, 4] };
}

export function isColour({ name }: Strengths): boolean {
  return COLOUR.includes(name);
}

/** A change of this strength, in a direction drawn where it has two. */
export function drawn({ name, magnitudes, isSigned }: Strengths, bin: number, random: KeyedRandom) {
  const magnitude = magnitudes?.[bin] ?? 0;
  return { name, magnitude: isSigned && random.nextInt(2) === 1 ? -magnitude : magnitude };
}

function evenly(count: number, from: number, to: number): number[] {
  return Array.from({ length: count }, (_, i) => (count === 1 ? from : from + ((to - from) * i) / (count - 1)));
}
