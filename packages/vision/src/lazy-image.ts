import type { HostArray, HostDType } from '@engine/core';
import { LazyArray, type MakeArray, zeros } from '@engine/dataset';
import { imageOf, type Pixels, pixelsOf } from './image.js';
import type { Window } from './pixels/resample.js';

/** A picture in memory, and what is seen of it. */
interface Sight extends Window {
  /** Right to left. */
  readonly isMirrored: boolean;
  /** Value of what lies beyond the picture. */
  readonly fill: number;
  /** What to put for each value of each channel, 256 a channel; then the picture is uint8. */
  readonly table: Float32Array | undefined;
}

/** The picture, when it is needed. */
export interface Source {
  readonly dtype: HostDType;
  readonly shape: readonly number[];
  read(): HostArray;
}

/**
 * An image that is cut out, padded, mirrored and looked up in a table in one pass when it is computed. Never changes, and nor may
 * the array it looks at; each method gives a new one.
 */
export class LazyImage extends LazyArray {
  readonly dtype: HostDType;
  readonly shape: readonly number[];
  readonly #source: Source;
  readonly #sight: Sight;

  private constructor(source: Source, sight: Sight) {
    super();
    const { height, width, table } = sight;
    const channels = source.shape[2];
    this.dtype = table === undefined ? source.dtype : 'float32';
    this.shape = channels === undefined ? [height, width] : [height, width, channels];
    this.#source = source;
    this.#sight = sight;
  }

  /** The image under `inputs` of a sample, `(H, W)` or `(H, W, C)`. @throws `ENGINE_VISION_IMAGE_TYPE` */
  static of({ inputs }: Record<string, unknown>, transform: string): LazyImage {
    if (inputs instanceof LazyImage) return inputs;
    const array: unknown = inputs instanceof LazyArray ? inputs.compute(zeros) : inputs;
    return LazyImage.#on(imageOf({ inputs: array }, transform).array);
  }

  /** All of a picture that is made when the image is computed, each time: `read` may give the same memory again and again. */
  static later(source: Source): LazyImage {
    const [height = 0, width = 0] = source.shape;
    return new LazyImage(source, { top: 0, left: 0, height, width, isMirrored: false, fill: 0, table: undefined });
  }

  static #on(array: HostArray): LazyImage {
    return LazyImage.later({ dtype: array.dtype, shape: array.shape, read: () => array });
  }

  get height(): number {
    return this.#sight.height;
  }

  get width(): number {
    return this.#sight.width;
  }

  get channels(): number {
    return this.#source.shape[2] ?? 1;
  }

  /** What is seen through `window`, which may reach beyond the image; `fill` (default 0) where that reaches beyond the image. */
  cut(window: Window, fill = 0): LazyImage {
    const { top, left, height, width, isMirrored, table } = this.#sight;
    const isInside =
      window.top >= 0 &&
      window.left >= 0 &&
      window.top + window.height <= height &&
      window.left + window.width <= width;
    if (!isInside && !this.#isWhole()) return LazyImage.#on(this.compute(zeros)).cut(window, fill);
    return new LazyImage(this.#source, {
      top: top + window.top,
      left: isMirrored ? left + width - window.left - window.width : left + window.left,
      height: window.height,
      width: window.width,
      isMirrored,
      fill: isInside ? this.#sight.fill : fill,
      table,
    });
  }

  /** Right to left. */
  mirror(): LazyImage {
    return new LazyImage(this.#source, { ...this.#sight, isMirrored: !this.#sight.isMirrored });
  }

  /**
   * For images made of bytes: what each value of each channel is now, `table[256 * channel + value]`; undefined for others. The same
   * array for the same steps, so that tables made from it can be kept.
   */
  get table(): Float32Array | undefined {
    return this.#source.dtype === 'uint8' ? (this.#sight.table ?? plainTable(this.channels)) : undefined;
  }

  /** A float32 image with the values of `table` in place of its own; only where it has a {@link table}. */
  lookUp(table: Float32Array): LazyImage {
    return new LazyImage(this.#source, { ...this.#sight, table });
  }

  /** Whether all of the picture is seen as it is, and no more. */
  #isWhole(): boolean {
    const [rows, columns] = this.#source.shape;
    const { top, left, height, width, isMirrored, table } = this.#sight;
    return top === 0 && left === 0 && height === rows && width === columns && !isMirrored && table === undefined;
  }

  compute(make: MakeArray): HostArray {
    const out = make(this.dtype, this.shape);
    const source = this.#source.read();
    const { channels } = this;
    const [rows = 0, columns = 0] = this.#source.shape;
    const { top, left, height, width, isMirrored, fill, table } = this.#sight;
    const first = Math.min(height, Math.max(0, -top));
    const last = Math.min(height, rows - top);
    const [from, to] = [Math.max(0, left), Math.min(columns, left + width)];
    const pixels = Math.max(0, to - from);
    const rowsSeen = pixels === 0 ? 0 : Math.max(0, last - first);
    const before = isMirrored ? left + width - to : from - left; // columns of the result, left of the picture
    const hole = { first, last: first + rowsSeen, from: before, to: before + pixels };
    if (rowsSeen < height || pixels < width) fillAround(out, hole, colourOf(this, fill, table));
    const pass: Pass = {
      rows: rowsSeen,
      pixels,
      channels,
      start: ((top + first) * columns + (isMirrored ? to - 1 : from)) * channels,
      sourceRow: columns * channels,
      end: (first * width + before) * channels,
      targetRow: width * channels,
      step: isMirrored ? -channels : channels,
    };
    if (table !== undefined) lookUpRows(source.data as Uint8Array, out.data as Float32Array, table, pass);
    else if (isMirrored) mirrorRows(pixelsOf(source), pixelsOf(out), pass);
    else copyRows(pixelsOf(source), pixelsOf(out), pass);
    return out;
  }
}

const plainTables = new Map<number, Float32Array>();

function plainTable(channels: number): Float32Array {
  const table = plainTables.get(channels) ?? Float32Array.from({ length: 256 * channels }, (_, i) => i % 256);
  plainTables.set(channels, table);
  return table;
}

/** Which runs of pixels go where: offsets and strides count values. */
interface Pass {
  readonly rows: number;
  /** In each row. */
  readonly pixels: number;
  readonly channels: number;
  /** Of the first pixel in the source, and from one row to the next. */
  readonly start: number;
  readonly sourceRow: number;
  /** The same in the target. */
  readonly end: number;
  readonly targetRow: number;
  /** From one pixel of the source to the next. */
  readonly step: number;
}

function copyRows(source: Pixels, target: Pixels, { rows, pixels, channels, ...at }: Pass): void {
  const count = pixels * channels;
  for (let y = 0; y < rows; y++) {
    const start = at.start + y * at.sourceRow;
    target.set(source.subarray(start, start + count), at.end + y * at.targetRow);
  }
}

function mirrorRows(source: Pixels, target: Pixels, { rows, pixels, channels, ...at }: Pass): void {
  for (let y = 0; y < rows; y++) {
    let from = at.start + y * at.sourceRow;
    let to = at.end + y * at.targetRow;
    for (let x = 0; x < pixels; x++, from += at.step)
      for (let c = 0; c < channels; c++) target[to++] = source[from + c] as number | bigint;
  }
}

function lookUpRows(source: Uint8Array, target: Float32Array, table: Float32Array, at: Pass): void {
  const { rows, pixels, channels, step } = at;
  for (let y = 0; y < rows; y++) {
    let from = at.start + y * at.sourceRow;
    let to = at.end + y * at.targetRow;
    if (channels === 3) {
      for (let x = 0; x < pixels; x++, from += step, to += 3) {
        target[to] = table[source[from] as number] as number;
        target[to + 1] = table[256 + (source[from + 1] as number)] as number;
        target[to + 2] = table[512 + (source[from + 2] as number)] as number;
      }
    } else {
      for (let x = 0; x < pixels; x++, from += step)
        for (let c = 0; c < channels; c++) target[to++] = table[256 * c + (source[from + c] as number)] as number;
    }
  }
}

/** What each channel of a pixel beyond the picture is; undefined: zeros, which are there already. */
function colourOf(
  { dtype, channels }: LazyImage,
  fill: number,
  table: Float32Array | undefined,
): readonly (number | bigint)[] | undefined {
  if (table === undefined && fill === 0) return undefined;
  if (table === undefined) {
    const value = dtype === 'int64' ? BigInt(Math.trunc(fill)) : fill;
    return Array.from({ length: channels }, () => value);
  }
  const byte = fill & 255; // as it would be in the picture
  const colour: number[] = [];
  for (let c = 0; c < channels; c++) colour.push(table[256 * c + byte] as number);
  return colour;
}

/** Gives the pixels outside of `hole`, rows [first, last) and columns [from, to) of `out`, a colour. */
function fillAround(
  out: HostArray,
  hole: { readonly first: number; readonly last: number; readonly from: number; readonly to: number },
  colour: readonly (number | bigint)[] | undefined,
): void {
  if (colour === undefined) return;
  const [height = 0, width = 0] = out.shape;
  const target = pixelsOf(out);
  paint(target, colour, 0, hole.first * width);
  for (let y = hole.first; y < hole.last; y++) {
    paint(target, colour, y * width, y * width + hole.from);
    paint(target, colour, y * width + hole.to, (y + 1) * width);
  }
  paint(target, colour, hole.last * width, height * width);
}

/** Pixels [from, to) get a colour. */
function paint(target: Pixels, colour: readonly (number | bigint)[], from: number, to: number): void {
  const channels = colour.length;
  if (channels === 3) {
    const [red = 0, green = 0, blue = 0] = colour;
    for (let i = from * 3; i < to * 3; i += 3) {
      target[i] = red;
      target[i + 1] = green;
      target[i + 2] = blue;
    }
  } else {
    for (let i = from * channels; i < to * channels; i++) target[i] = colour[i % channels] as number | bigint;
  }
}
