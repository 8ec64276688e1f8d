import type { HostArray } from '@engine/core';
import { LazyArray, type MakeArray } from '@engine/dataset';
import type { Size } from './plain-jpeg.js';
import type { Window } from './resample.js';

/** A picture of a file of which no more than a window was decoded; the rest counts as black. */
export class DecodedWindow extends LazyArray {
  readonly dtype = 'uint8';
  readonly shape: readonly number[];
  readonly window: Window;
  /** What is in the window, (H, W, 3). */
  readonly pixels: HostArray;

  /** `size`: of the whole picture. */
  constructor({ height, width }: Size, window: Window, pixels: HostArray) {
    super();
    this.shape = [height, width, 3];
    this.window = window;
    this.pixels = pixels;
  }

  compute(make: MakeArray): HostArray {
    const out = make(this.dtype, this.shape);
    const { top, left, height, width } = this.window;
    const [, columns = 0] = this.shape;
    const source = this.pixels.data as Uint8Array;
    for (let y = 0; y < height; y++)
      (out.data as Uint8Array).set(
        source.subarray(y * width * 3, (y + 1) * width * 3),
        ((top + y) * columns + left) * 3,
      );
    return out;
  }
}
