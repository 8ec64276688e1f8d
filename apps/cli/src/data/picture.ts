import { type HostArray, hostArray, isHostArray } from '@engine/core';
import { type Annotations, Drawing, drawAnnotations, type Image } from '@engine/visualization';
import { annotationsOf, imageOf, type SampleImage } from './annotated-image.js';

export interface PictureOptions {
  /** Pixels of the longer side. */
  readonly size: number;
  readonly classes: readonly string[] | undefined;
}

/** What a sample shows: its image with labels, boxes and masks drawn; undefined where it has no image. */
export function pictureOf(
  sample: Readonly<Record<string, unknown>>,
  { size, classes }: PictureOptions,
): Image | undefined {
  const image = imageOf(sample);
  if (image === undefined) return undefined;
  const factor = size / Math.max(image.height, image.width);
  const shown = resized(image, [
    Math.max(1, Math.round(image.height * factor)),
    Math.max(1, Math.round(image.width * factor)),
  ]);
  const annotations = scaled(annotationsOf(sample, image), shown.shape as readonly [number, number, number], image);
  return drawAnnotations(new Drawing({ image: shown }), annotations, { classes }).getImage();
}

/**
 * uint8 RGB or gray of another size: enlarged by repeating pixels, made smaller by averaging them. Bytes are shown as they are, other
 * numbers from the least (black) to the greatest (white).
 */
function resized(image: SampleImage, [height, width]: readonly [number, number]): Image {
  const [least, scale] = rangeOf(image.array);
  const channels = image.channels === 3 || image.channels === 4 ? 3 : 1;
  const data = new Uint8Array(height * width * channels);
  const [rows, columns] = [spans(image.height, height), spans(image.width, width)];
  let at = 0;
  for (const [top, bottom] of rows)
    for (const [left, right] of columns)
      for (let channel = 0; channel < channels; channel += 1) {
        const mean = meanOf(image, { top, bottom, left, right, channel });
        data[at++] = Math.round((mean - least) * scale);
      }
  return hostArray('uint8', [height, width, channels], data);
}

interface Patch {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  readonly channel: number;
}

function meanOf(
  { array, strides: [row, column, deep] }: SampleImage,
  { top, bottom, left, right, channel }: Patch,
): number {
  let sum = 0;
  for (let y = top; y < bottom; y += 1)
    for (let x = left; x < right; x += 1) sum += Number(array.data[y * row + x * column + channel * deep]);
  return sum / ((bottom - top) * (right - left));
}

/** Which old places each new one covers: at least one. */
function spans(from: number, to: number): [start: number, end: number][] {
  return Array.from({ length: to }, (_, i) => {
    const start = Math.floor((i * from) / to);
    return [start, Math.max(start + 1, Math.floor(((i + 1) * from) / to))];
  });
}

function rangeOf({ dtype, data }: HostArray): [least: number, scale: number] {
  if (dtype === 'uint8') return [0, 1];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data as Iterable<number>) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most > least ? 255 / (most - least) : 0];
}

/** Annotations of the image on the picture of it. */
function scaled(
  annotations: Annotations,
  [height, width]: readonly [number, number, number],
  image: SampleImage,
): Annotations {
  const [down, across] = [height / image.height, width / image.width];
  const { bboxes, masks, polygons } = annotations;
  const boxes =
    bboxes === undefined
      ? undefined
      : rowsOf(bboxes).map((row) => row.map((v, i) => v * (i % 2 === 0 ? across : down)));
  return {
    ...annotations,
    bboxes: boxes,
    polygons: polygons?.map((parts) =>
      (parts as number[][][]).map((points) => points.map(([x = 0, y = 0]) => [x * across, y * down])),
    ),
    masks: masks === undefined ? undefined : resizedMasks(masks, [height, width]),
  };
}

function rowsOf(boxes: NonNullable<Annotations['bboxes']>): number[][] {
  if (!isHostArray(boxes)) return boxes as number[][];
  const rows = boxes.shape[0] as number;
  return Array.from({ length: rows }, (_, i) => Array.from(boxes.data.subarray(4 * i, 4 * i + 4) as Float32Array));
}

function resizedMasks(masks: HostArray<'bool' | 'uint8'>, [height, width]: readonly [number, number]): typeof masks {
  const [count = 0, fromHeight = 0, fromWidth = 0] = masks.shape;
  const data = new Uint8Array(count * height * width);
  let at = 0;
  for (let i = 0; i < count; i += 1)
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const [row, column] = [Math.floor((y * fromHeight) / height), Math.floor((x * fromWidth) / width)];
        data[at++] = masks.data[(i * fromHeight + row) * fromWidth + column] as number;
      }
  return hostArray(masks.dtype, [count, height, width], data);
}
