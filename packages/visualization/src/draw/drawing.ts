import { type HostArray, type Logger, silentLogger } from '@engine/core';
import { visualizationErrors } from '../errors.js';
import { Canvas, type ShapeStyle } from './canvas.js';
import { type Color, isColor } from './color.js';
import { badCoordinates, type Coordinates, numbersOf, type Polygons, polygonsOf, rowsOf } from './coordinates.js';
import type { Point } from './coverage.js';
import type { LineStyle } from './dashes.js';
import { drawFeatmap } from './featmap.js';
import type { Image } from './image.js';
import { type PerItem, perItem } from './per-item.js';

/** How lines are drawn. */
export interface LineOptions {
  /** Default `'g'`. */
  readonly colors?: PerItem<Color>;
  /** Default `'-'`. */
  readonly lineStyles?: PerItem<LineStyle>;
  /** Pixels. Default 2. */
  readonly lineWidths?: PerItem<number>;
}

/** How shapes are drawn: their outline, and their inside. */
export interface ShapeOptions {
  /** Default `'g'`. */
  readonly edgeColors?: PerItem<Color>;
  /** Default `'-'`. */
  readonly lineStyles?: PerItem<LineStyle>;
  /** Pixels, kept between 1 and a quarter of the image's default font size. Default 2. */
  readonly lineWidths?: PerItem<number>;
  /** Default `'none'`: the inside stays as it is. */
  readonly faceColors?: PerItem<Color>;
  /** Of outline and inside. Default 0.8. */
  readonly alpha?: number;
}

/** How points are drawn. */
export interface PointOptions {
  /** Default `'g'`. */
  readonly colors?: PerItem<Color>;
  /** A disc or a square. Default `'o'`. */
  readonly marker?: 'o' | 's';
  /** Square of the diameter in pixels. Default 36. */
  readonly sizes?: PerItem<number>;
}

/** How texts are drawn. */
export interface TextOptions {
  /** Points at 100 dots an inch; the bitmap font takes the nearest of its sizes. Default: by the size of the image, at least 10. */
  readonly fontSizes?: PerItem<number>;
  /** Default `'g'`. */
  readonly colors?: PerItem<Color>;
  /** Default `'top'`. */
  readonly verticalAlignments?: PerItem<'top' | 'center' | 'bottom'>;
  /** Default `'left'`. */
  readonly horizontalAlignments?: PerItem<'left' | 'center' | 'right'>;
  /** A filled box behind the text. */
  readonly bboxes?: PerItem<TextBackground> | undefined;
}

export interface TextBackground {
  readonly faceColor: Color;
  /** Default 0.8. */
  readonly alpha?: number;
  /** Pixels. Default 1. */
  readonly pad?: number;
}

/** How binary masks are drawn. */
export interface MaskOptions {
  /** Default `'g'`. */
  readonly colors?: PerItem<Color>;
  /** Default 0.8. */
  readonly alphas?: PerItem<number>;
}

const PIXELS_PER_POINT = 100 / 72;

/**
 * Draws on a picture with MMEngine's methods, each of which returns the drawing. Coordinates are pixels from the upper left corner, as
 * lists or host arrays; one row alone is one item. What lies outside the image is cut off with a warning.
 */
export class Drawing {
  readonly #logger: Logger;
  #canvas: Canvas | undefined;

  constructor({ image, logger = silentLogger }: { readonly image?: Image | undefined; readonly logger?: Logger } = {}) {
    this.#logger = logger;
    if (image !== undefined) this.setImage(image);
  }

  /**
   * Begins a new drawing on a copy of `image`.
   * @throws `ENGINE_VISUALIZATION_BAD_IMAGE`
   */
  setImage(image: Image): this {
    this.#canvas = new Canvas(image);
    return this;
  }

  /** The drawing as it is now, `(H, W, 3)`; a copy. Throws `ENGINE_VISUALIZATION_NO_IMAGE`. */
  getImage(): Image {
    return this.canvas.toImage();
  }

  /** What the methods draw on, for drawings of one's own. Throws `ENGINE_VISUALIZATION_NO_IMAGE`. */
  get canvas(): Canvas {
    if (this.#canvas !== undefined) return this.#canvas;
    throw visualizationErrors.NO_IMAGE({
      expected: 'setImage(image) before anything is drawn',
      received: 'no image',
      action: 'call setImage first',
    });
  }

  /** Points of text that fit the image: a ninetieth of its side, at least 10. */
  get defaultFontSize(): number {
    return Math.max(10, Math.floor(Math.sqrt(this.canvas.height * this.canvas.width) / 90));
  }

  drawPoints(positions: Coordinates, { colors = 'g', marker = 'o', sizes = 36 }: PointOptions = {}): this {
    const rows = rowsOf('positions', positions, 2);
    const colorOf = perItem('colors', colors, rows.length, isColor);
    const sizeOf = perItem('sizes', sizes, rows.length);
    rows.forEach(([x = 0, y = 0], index) => {
      const radius = Math.sqrt(sizeOf(index)) / 2;
      const style = { fill: { color: colorOf(index) } };
      if (marker === 'o') this.canvas.circle([x, y], radius, style);
      else this.canvas.box([x - radius, y - radius, x + radius, y + radius], style);
    });
    return this;
  }

  drawTexts(texts: string | readonly string[], positions: Coordinates, options: TextOptions = {}): this {
    const list = typeof texts === 'string' ? [texts] : texts;
    const rows = rowsOf('positions', positions, 2);
    if (rows.length !== list.length)
      throw badCoordinates('positions', `one for each of ${list.length} texts`, `${rows.length}`);
    this.#warnOutside('text', rows.flat());
    const sizeOf = perItem('fontSizes', options.fontSizes ?? this.defaultFontSize, list.length);
    const colorOf = perItem('colors', options.colors ?? 'g', list.length, isColor);
    const verticalOf = perItem('verticalAlignments', options.verticalAlignments ?? 'top', list.length);
    const horizontalOf = perItem('horizontalAlignments', options.horizontalAlignments ?? 'left', list.length);
    const boxOf = perItem<TextBackground | undefined>('bboxes', options.bboxes, list.length);
    rows.forEach(([x = 0, y = 0], index) => {
      const box = boxOf(index);
      this.canvas.text(list[index] ?? '', {
        at: [x, y],
        size: sizeOf(index) * PIXELS_PER_POINT,
        color: colorOf(index),
        vertical: verticalOf(index),
        horizontal: horizontalOf(index),
        background: box && { color: box.faceColor, alpha: box.alpha ?? 0.8, pad: box.pad ?? 1 },
      });
    });
    return this;
  }

  /** Line `i` goes from `(xDatas[i][0], yDatas[i][0])` to `(xDatas[i][1], yDatas[i][1])`. */
  drawLines(xDatas: Coordinates, yDatas: Coordinates, options: LineOptions = {}): this {
    const xs = rowsOf('xDatas', xDatas, 2);
    const ys = rowsOf('yDatas', yDatas, 2);
    if (xs.length !== ys.length) throw badCoordinates('yDatas', `${xs.length} rows, as xDatas`, `${ys.length} rows`);
    const colorOf = perItem('colors', options.colors ?? 'g', xs.length, isColor);
    const lineOf = perItem('lineStyles', options.lineStyles ?? '-', xs.length);
    const widthOf = perItem('lineWidths', options.lineWidths ?? 2, xs.length);
    xs.forEach(([x1 = 0, x2 = 0], index) => {
      const [y1 = 0, y2 = 0] = ys[index] ?? [];
      this.#warnOutside('line', [x1, y1, x2, y2]);
      this.canvas.line(
        [
          [x1, y1],
          [x2, y2],
        ],
        { color: colorOf(index), line: lineOf(index), width: widthOf(index) },
      );
    });
    return this;
  }

  /** `center` is `(N, 2)`, `radius` has N numbers. */
  drawCircles(center: Coordinates, radius: HostArray | readonly number[] | number, options: ShapeOptions = {}): this {
    const rows = rowsOf('center', center, 2);
    const radii = numbersOf('radius', radius);
    if (radii.length !== rows.length) throw badCoordinates('radius', `${rows.length} numbers`, `${radii.length}`);
    const styleOf = this.#styles(options, rows.length);
    rows.forEach(([x = 0, y = 0], index) => {
      const r = radii[index] ?? 0;
      this.#warnOutside('circle', [x - r, y - r, x + r, y + r]);
      this.canvas.circle([x, y], r, styleOf(index));
    });
    return this;
  }

  /** Boxes `(N, 4)`: left, top, right, bottom. */
  drawBboxes(bboxes: Coordinates, options: ShapeOptions = {}): this {
    const rows = rowsOf('bboxes', bboxes, 4);
    const turned = rows.find(([left = 0, top = 0, right = 0, bottom = 0]) => left > right || top > bottom);
    if (turned !== undefined) throw badCoordinates('bboxes', 'left <= right and top <= bottom', turned.join(', '));
    const styleOf = this.#styles(options, rows.length);
    rows.forEach(([left = 0, top = 0, right = 0, bottom = 0], index) => {
      this.#warnOutside('bbox', [left, top, right, bottom]);
      this.canvas.box([left, top, right, bottom], styleOf(index));
    });
    return this;
  }

  drawPolygons(polygons: Polygons, options: ShapeOptions = {}): this {
    const list = polygonsOf(polygons);
    const styleOf = this.#styles(options, list.length);
    list.forEach((corners, index) => {
      this.#warnOutside('polygon', corners.flat());
      const points = corners.map(([x = 0, y = 0]): Point => [x, y]);
      this.canvas.polygon(points, styleOf(index));
    });
    return this;
  }

  /**
   * Masks `(H, W)` or `(N, H, W)` of the image's size, bool or uint8 with 0 for outside; a later one lies over an earlier one.
   * @throws `ENGINE_VISUALIZATION_BAD_MASK`
   */
  drawBinaryMasks(masks: HostArray<'bool' | 'uint8'>, { colors = 'g', alphas = 0.8 }: MaskOptions = {}): this {
    const shape = masks.shape.slice(-2);
    const count = masks.shape.length === 3 ? (masks.shape[0] ?? 0) : 1;
    const size = masks.data.length / Math.max(count, 1);
    const colorOf = perItem('colors', colors, count, isColor);
    const alphaOf = perItem('alphas', alphas, count);
    for (let index = 0; index < count; index += 1) {
      const data = masks.data.subarray(index * size, (index + 1) * size);
      this.canvas.mask({ dtype: masks.dtype, shape, data }, { color: colorOf(index), alpha: alphaOf(index) });
    }
    return this;
  }

  /** See the function {@link drawFeatmap}; the current image plays no part. */
  static readonly drawFeatmap: typeof drawFeatmap = drawFeatmap;

  #styles(options: ShapeOptions, count: number): (index: number) => ShapeStyle {
    const { alpha = 0.8 } = options;
    const edgeOf = perItem('edgeColors', options.edgeColors ?? 'g', count, isColor);
    const lineOf = perItem('lineStyles', options.lineStyles ?? '-', count);
    const widthOf = perItem('lineWidths', options.lineWidths ?? 2, count);
    const faceOf = perItem('faceColors', options.faceColors ?? 'none', count, isColor);
    const widest = this.defaultFontSize / 4;
    return (index) => {
      const [edge, face] = [edgeOf(index), faceOf(index)];
      const width = Math.min(Math.max(widthOf(index), 1), widest);
      return {
        stroke: edge === 'none' ? undefined : { color: edge, width, line: lineOf(index), alpha },
        fill: face === 'none' ? undefined : { color: face, alpha },
      };
    };
  }

  /** `places` are x and y in turn. */
  #warnOutside(what: string, places: readonly number[]): void {
    const limits = [this.canvas.width, this.canvas.height] as const;
    if (places.every((place, index) => place >= 0 && place < (limits[index % 2] ?? 0))) return;
    this.#logger.warn(`Warning: The ${what} is out of bounds, the drawn ${what} may not be in the image`);
  }
}
