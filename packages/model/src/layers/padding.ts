import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers } from '../check-input.js';
import { Module } from '../module.js';
import { tooShort } from './conv.js';
import type { Sides } from './convolve.js';
import { type PaddingMode, padAxes, widestBorder } from './pad-axes.js';

/** One number for all sides, or PyTorch's order: (left, right), then (top, bottom), then (front, back). */
export type PaddingSizes = number | readonly number[];

const AXES = ['', 'L', 'H, W', 'D, H, W'];

abstract class Pad extends Module {
  /** Sides of each axis in our order: depth, height, width. */
  readonly padding: readonly Sides[];

  constructor(axes: number, padding: PaddingSizes, least: number) {
    super();
    const name = new.target.name;
    const sizes = typeof padding === 'number' ? Array.from({ length: 2 * axes }, () => padding) : padding;
    if (sizes.length !== 2 * axes) {
      throw badOption(name, `padding to be one number or ${2 * axes}`, `padding = [${sizes.join(', ')}]`);
    }
    checkIntegers(name, least, { padding: sizes });
    this.padding = Array.from({ length: axes }, (_, i): Sides => {
      const at = 2 * (axes - 1 - i);
      return [sizes[at] as number, sizes[at + 1] as number];
    });
  }

  protected check(x: tf.Tensor, mode: PaddingMode): void {
    const axes = this.padding.length;
    checkInput(this, x, { rank: axes + 2, expected: `(N, ${AXES[axes]}, C)` });
    this.padding.forEach(([before, after], i) => {
      const extent = x.shape[i + 1] as number;
      if (extent + before + after < 1)
        throw tooShort(this, x, `more than ${-before - after} places along axis ${i + 1}`);
      if (Math.max(before, after) > widestBorder(extent, mode))
        throw tooShort(
          this,
          x,
          `more places along axis ${i + 1} for a border of ${Math.max(before, after)} by ${mode}`,
        );
    });
  }
}

/** Fills with one value; negative sizes cut off. */
abstract class ConstantPad extends Pad {
  readonly value: number;

  constructor(axes: number, padding: PaddingSizes, value: number) {
    super(axes, padding, Number.MIN_SAFE_INTEGER);
    this.value = value;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    this.check(x, 'zeros');
    const sides: readonly Sides[] = [[0, 0], ...this.padding, [0, 0]];
    const begin = sides.map(([before]) => Math.max(0, -before));
    const size = sides.map(
      ([, after], axis) => (x.shape[axis] as number) - (begin[axis] as number) - Math.max(0, -after),
    );
    const kept = sides.flat().some((side) => side < 0) ? tf.slice(x, begin, size) : x;
    const pads = sides.map(([before, after]): [number, number] => [Math.max(0, before), Math.max(0, after)]);
    return tf.pad(kept, pads, this.value) as tf.Tensor as T;
  }
}

/** Fills with what is inside. */
export abstract class BorderPad extends Pad {
  readonly mode: Exclude<PaddingMode, 'zeros'>;

  constructor(mode: Exclude<PaddingMode, 'zeros'>, axes: number, padding: PaddingSizes) {
    super(axes, padding, 0);
    this.mode = mode;
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward<T extends tf.Tensor>(x: T): T {
    this.check(x, this.mode);
    return padAxes(x, this.padding, this.mode);
  }
}

/** Pads sequences (N, L, C) with zeros; negative sizes cut off. */
export class ZeroPad1d extends ConstantPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super(1, padding, 0);
  }
}

/** Pads NHWC images (N, H, W, C) with zeros; negative sizes cut off. */
export class ZeroPad2d extends ConstantPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super(2, padding, 0);
  }
}

/** Pads volumes (N, D, H, W, C) with zeros; negative sizes cut off. */
export class ZeroPad3d extends ConstantPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super(3, padding, 0);
  }
}

/** Pads sequences (N, L, C) with a value; negative sizes cut off. */
export class ConstantPad1d extends ConstantPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes, value: number) {
    super(1, padding, value);
  }
}

/** Pads NHWC images (N, H, W, C) with a value; negative sizes cut off. */
export class ConstantPad2d extends ConstantPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes, value: number) {
    super(2, padding, value);
  }
}

/** Pads volumes (N, D, H, W, C) with a value; negative sizes cut off. */
export class ConstantPad3d extends ConstantPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes, value: number) {
    super(3, padding, value);
  }
}
