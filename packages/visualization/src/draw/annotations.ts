import type { HostArray } from '@engine/core';
import { type Rgb, rgbOf } from './color.js';
import { type Coordinates, numbersOf, type Polygons, rowsOf } from './coordinates.js';
import type { Drawing } from './drawing.js';
import { classColor, contrastTo } from './palette.js';

/** What is known about a picture, whatever its source: ground truth or predictions. All lists are in the order of the instances. */
export interface Annotations {
  /** Boxes `(N, 4)`: left, top, right, bottom in pixels. */
  readonly bboxes?: Coordinates | undefined;
  /** Class of each instance. */
  readonly labels?: HostArray | readonly number[] | undefined;
  /** 0 to 1 for each instance. */
  readonly scores?: HostArray | readonly number[] | undefined;
  /** `(N, H, W)` bool or uint8, of the picture's size. */
  readonly masks?: HostArray<'bool' | 'uint8'> | undefined;
  /** The polygons of each instance, in pixels. */
  readonly polygons?: readonly Polygons[] | undefined;
  /** Class, or classes, of the whole picture. */
  readonly label?: HostArray | readonly number[] | number | undefined;
}

/** How annotations are shown. */
export interface AnnotationOptions {
  /** Names of the classes; without them numbers are shown. */
  readonly classes?: readonly string[] | undefined;
  /** Colours of the classes; without them, `classColor`. */
  readonly palette?: readonly Rgb[] | undefined;
  /** Instances with a lower score are left out. Default: none. */
  readonly scoreThreshold?: number | undefined;
}

/** Draws masks, then polygons, then boxes with class and score, each class in its colour; the label of the picture in the corner. */
export function drawAnnotations(drawing: Drawing, annotations: Annotations, options: AnnotationOptions = {}): Drawing {
  const { classes, palette = [], scoreThreshold = Number.NEGATIVE_INFINITY } = options;
  const labels = annotations.labels === undefined ? undefined : numbersOf('labels', annotations.labels);
  const scores = annotations.scores === undefined ? undefined : numbersOf('scores', annotations.scores);
  const nameOf = (label: number) => classes?.[label] ?? String(label);
  const colorOf = (index: number) => {
    const label = labels?.[index] ?? 0;
    return palette[label] ?? classColor(label);
  };
  const shown = (index: number) => (scores?.[index] ?? 1) >= scoreThreshold;

  const { masks, polygons = [], bboxes = [], label } = annotations;
  if (masks !== undefined) drawMasks(drawing, masks, { shown, colorOf });
  polygons.forEach((parts, index) => {
    const color = colorOf(index);
    if (shown(index)) drawing.drawPolygons(parts, { edgeColors: color, faceColors: color, alpha: 0.5 });
  });
  rowsOf('bboxes', bboxes, 4).forEach((box, index) => {
    if (!shown(index)) return;
    drawing.drawBboxes(box, { edgeColors: colorOf(index), alpha: 1 });
    const parts = [labels && nameOf(labels[index] ?? 0), scores && (scores[index] ?? 0).toFixed(2)];
    caption(drawing, parts.filter((part) => part !== undefined).join(' '), { at: box, color: colorOf(index) });
  });
  if (label !== undefined) {
    const names = numbersOf('label', label).map(nameOf).join(', ');
    caption(drawing, names, { at: [0, 0], color: [0, 0, 0] });
  }
  return drawing;
}

function drawMasks(
  drawing: Drawing,
  masks: HostArray<'bool' | 'uint8'>,
  { shown, colorOf }: { shown(index: number): boolean; colorOf(index: number): Rgb },
): void {
  const [count = 0, height = 0, width = 0] = masks.shape;
  for (let index = 0; index < count; index += 1) {
    if (!shown(index)) continue;
    const data = masks.data.subarray(index * height * width, (index + 1) * height * width);
    drawing.drawBinaryMasks(
      { dtype: masks.dtype, shape: [height, width], data },
      { colors: colorOf(index), alphas: 0.5 },
    );
  }
}

function caption(
  drawing: Drawing,
  text: string,
  { at: [x = 0, y = 0], color }: { readonly at: readonly number[]; readonly color: Rgb },
): void {
  if (text === '') return;
  drawing.canvas.text(text, {
    at: [Math.max(x, 0) + 1, Math.max(y, 0) + 1],
    size: drawing.defaultFontSize,
    color: contrastTo(rgbOf(color)),
    background: { color, alpha: 0.8 },
  });
}
