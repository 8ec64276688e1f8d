import { type HostArray, hostArray } from '@engine/core';
import { visualizationErrors } from '../errors.js';
import { type Color, rgbOf } from './color.js';
import { Coverage, type Point } from './coverage.js';
import { dashes, type LineStyle } from './dashes.js';
import { glyphBoxes, textSize } from './font.js';
import { checkImage, type Image, toRgb } from './image.js';

/** How a line is drawn. */
export interface Stroke {
  readonly color: Color;
  /** Pixels. Default 2. */
  readonly width?: number;
  /** Default `'-'`. */
  readonly line?: LineStyle;
  /** 0 to 1. Default 1. */
  readonly alpha?: number;
}

/** How an area is filled. */
export interface Fill {
  readonly color: Color;
  /** 0 to 1. Default 1. */
  readonly alpha?: number;
}

/** An outline, an inside, or both; the outline is drawn over the inside. */
export interface ShapeStyle {
  readonly stroke?: Stroke | undefined;
  readonly fill?: Fill | undefined;
}

/** Where a text stands and how it looks. */
export interface TextStyle extends Fill {
  readonly at: Point;
  /** Height of a line in pixels, rounded to a multiple of 9. Default 9. */
  readonly size?: number;
  /** Which side of the text `at` is. Default `'left'`. */
  readonly horizontal?: 'left' | 'center' | 'right';
  /** Default `'top'`. */
  readonly vertical?: 'top' | 'center' | 'bottom';
  /** Filled behind the text, `pad` pixels wider on each side. */
  readonly background?: (Fill & { readonly pad?: number }) | undefined;
}

/**
 * A picture one draws on: RGB in host memory, edges smoothed. Places are pixels from the upper left corner; what reaches past the
 * edge is cut off. Methods return the canvas.
 */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #data: Uint8Array;
  readonly #coverage: Coverage;

  /**
   * `image` is copied; gray is repeated, RGBA laid over white.
   * @throws `ENGINE_VISUALIZATION_BAD_IMAGE`
   */
  constructor(image: Image) {
    const rgb = toRgb(image);
    [this.height = 0, this.width = 0] = rgb.shape;
    this.#data = rgb.data;
    this.#coverage = new Coverage(this.width, this.height);
  }

  /** An empty canvas. `color` defaults to white. */
  static blank(width: number, height: number, color: Color = 'white'): Canvas {
    const image = hostArray('uint8', [height, width, 3], new Uint8Array(height * width * 3));
    const rgb = rgbOf(color);
    for (let at = 0; at < image.data.length; at += 3) image.data.set(rgb, at);
    return new Canvas(image);
  }

  /** The picture as it is now, `(H, W, 3)`; a copy. */
  toImage(): HostArray<'uint8'> {
    return hostArray('uint8', [this.height, this.width, 3], this.#data.slice());
  }

  /** A line through `points`. */
  line(points: readonly Point[], { width = 2, line = '-', ...fill }: Stroke): this {
    const isWhole = line === '-';
    for (const piece of dashes(points, line, width))
      piece.slice(1).forEach((to, index) => {
        const roundStart = isWhole || index > 0;
        const roundEnd = isWhole || index < piece.length - 2;
        this.#coverage.segment(piece[index] ?? to, to, { width, roundStart, roundEnd });
      });
    return this.#paint(fill);
  }

  polygon(points: readonly Point[], { stroke, fill }: ShapeStyle): this {
    if (fill !== undefined) {
      this.#coverage.polygon(points);
      this.#paint(fill);
    }
    const [first] = points;
    return stroke === undefined || first === undefined ? this : this.line([...points, first], stroke);
  }

  /** A rectangle from its upper left to its lower right corner. */
  box([left, top, right, bottom]: readonly [number, number, number, number], style: ShapeStyle): this {
    return this.polygon(
      [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
      ],
      style,
    );
  }

  circle(center: Point, radius: number, { stroke, fill }: ShapeStyle): this {
    if (fill !== undefined) {
      this.#coverage.disc(center, radius);
      this.#paint(fill);
    }
    if (stroke === undefined) return this;
    const { width = 2, line = '-', ...paint } = stroke;
    if (line !== '-') return this.line(around(center, radius), stroke);
    this.#coverage.ring(center, radius, width);
    return this.#paint(paint);
  }

  /** Lines of text in a bitmap font of ASCII; any other character is an empty box. */
  text(text: string, { at, size = 9, horizontal = 'left', vertical = 'top', background, ...fill }: TextStyle): this {
    const { width, height } = textSize(text, size);
    const left = Math.round(at[0] - width * { left: 0, center: 0.5, right: 1 }[horizontal]);
    const top = Math.round(at[1] - height * { top: 0, center: 0.5, bottom: 1 }[vertical]);
    if (background !== undefined) {
      const { pad = 1, ...behind } = background;
      this.box([left - pad, top - pad, left + width + pad, top + height + pad], { fill: behind });
    }
    for (const [x, y, side] of glyphBoxes(text, size)) this.#coverage.square(left + x, top + y, side);
    return this.#paint(fill);
  }

  /**
   * Colours the pixels where `mask` is not 0: `(H, W)` bool or uint8, of the canvas' own size.
   * @throws `ENGINE_VISUALIZATION_BAD_MASK`
   */
  mask(mask: HostArray<'bool' | 'uint8'>, { color, alpha = 1 }: Fill): this {
    const [height, width] = mask.shape;
    if (mask.shape.length !== 2 || height !== this.height || width !== this.width || !isBinary(mask)) {
      throw visualizationErrors.BAD_MASK({
        expected: `bool or uint8 of shape (${this.height}, ${this.width}), as the image`,
        received: `${mask.dtype} of shape (${mask.shape.join(', ')})`,
        action: 'compare the scores with a threshold, and resize the mask to the image',
      });
    }
    const rgb = rgbOf(color);
    mask.data.forEach((value, index) => {
      if (value !== 0) this.#blend(index, rgb, alpha);
    });
    return this;
  }

  /** Lays another picture over this one, its upper left corner at `[x, y]` (whole pixels). */
  image(image: Image, [x, y]: Point, alpha = 1): this {
    const [height, width] = checkImage(image);
    const { data } = toRgb(image);
    for (let row = Math.max(0, -y); row < Math.min(height, this.height - y); row += 1)
      for (let column = Math.max(0, -x); column < Math.min(width, this.width - x); column += 1) {
        const from = (row * width + column) * 3;
        const rgb = [data[from] ?? 0, data[from + 1] ?? 0, data[from + 2] ?? 0] as const;
        this.#blend((row + y) * this.width + column + x, rgb, alpha);
      }
    return this;
  }

  #paint({ color, alpha = 1 }: Fill): this {
    const rgb = rgbOf(color);
    this.#coverage.drain((index, share) => this.#blend(index, rgb, share * alpha));
    return this;
  }

  #blend(index: number, rgb: readonly [number, number, number], share: number): void {
    for (let channel = 0; channel < 3; channel += 1) {
      const at = index * 3 + channel;
      const old = this.#data[at] ?? 0;
      this.#data[at] = Math.round(old + ((rgb[channel] ?? 0) - old) * share);
    }
  }
}

const isBinary = ({ dtype }: HostArray): boolean => dtype === 'bool' || dtype === 'uint8';

/** A circle as a closed line, its corners about two pixels apart. */
function around([x, y]: Point, radius: number): Point[] {
  const count = Math.max(16, Math.ceil(Math.PI * radius));
  return Array.from({ length: count + 1 }, (_, index) => {
    const angle = (2 * Math.PI * index) / count;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}
