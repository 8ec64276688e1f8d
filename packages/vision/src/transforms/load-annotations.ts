import { type HostArray, hostArray } from '@engine/core';
import { defineTransform, type Transform } from '@engine/dataset';
import { cocoMask, type Segmentation } from '@engine/evaluator';
import type { StorageBackend } from '@engine/fileio';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { IGNORED } from '../geometries.js';
import { LoadImageFromFile } from './load-image-from-file.js';

const loadAnnotationsOptions = z.strictObject({
  withBbox: z._default(z.boolean(), true),
  withLabel: z._default(z.boolean(), true),
  withMask: z._default(z.boolean(), false),
  poly2mask: z._default(z.boolean(), true),
  withKeypoints: z._default(z.boolean(), false),
  withSeg: z._default(z.boolean(), false),
  reduceZeroLabel: z._default(z.boolean(), false),
});
export interface LoadAnnotationsOptions extends z.input<typeof loadAnnotationsOptions> {}
type Fields = Record<string, unknown>;

/** An object of a record, keys as annotation files have them. */
interface Instance {
  readonly bbox?: readonly number[];
  readonly bbox_label?: number;
  readonly ignore_flag?: number;
  readonly mask?: Segmentation;
  readonly keypoints?: readonly (number | readonly number[])[];
}

/**
 * Makes arrays of the `instances` of a record, N objects, for the transforms that move them along with the image:
 * - `withBbox` (default true): `gt_bboxes` float32 (N, 4) as x0, y0, x1, y1 in pixels, and `gt_ignore_flags` bool (N), true for crowds;
 * - `withLabel` (default true): `gt_bboxes_labels` int32 (N);
 * - `withMask`: `gt_masks` uint8 (N, H, W); with `poly2mask: false` (default true) the polygons of each object, as flat lists. Where an
 *   object has no mask, or then runs in place of polygons, its mask is empty and it is to be ignored;
 * - `withKeypoints`: `gt_keypoints` float32 (N, K, 3) as x, y and visibility;
 * - `withSeg`: `gt_seg_map` uint8 or int32 (H, W), the class of each pixel, from the image at `seg_map_path` (needs the npm package `sharp`).
 *   With `reduceZeroLabel` (default false), as MMSegmentation has it, 0 is no class but the ground: it becomes 255, which losses pass over, 255 stays, and
 *   every other class becomes the one before.
 *
 * @throws `ENGINE_VISION_ANNOTATION`, `ENGINE_EVALUATOR_BAD_MASK`; with `withSeg` those of {@link LoadImageFromFile}
 */
export class LoadAnnotations implements Transform {
  static readonly entry = defineTransform<'LoadAnnotations', typeof loadAnnotationsOptions, LoadAnnotationsOptions>({
    name: 'LoadAnnotations',
    options: loadAnnotationsOptions,
    create: (options) => new LoadAnnotations(options),
    module: '@engine/vision',
    doc: 'Makes arrays of the boxes, labels, masks and keypoints of a record.',
  });
  readonly #options: z.output<typeof loadAnnotationsOptions>;
  readonly #maps: LoadImageFromFile;

  /** `storage`: where maps of classes are (default: this machine, and web addresses). */
  constructor(
    options: LoadAnnotationsOptions = {},
    { storage }: { readonly storage?: Pick<StorageBackend, 'get'> | undefined } = {},
  ) {
    this.#options = parseOptions(loadAnnotationsOptions, options, { subject: 'LoadAnnotations' }).value;
    this.#maps = new LoadImageFromFile({ colorType: 'unchanged' }, { storage });
  }

  transform(sample: Fields): Fields | Promise<Fields> {
    const { withBbox, withLabel, withMask, poly2mask, withKeypoints, withSeg } = this.#options;
    const out: Fields = { ...sample };
    if (withBbox || withLabel || withMask || withKeypoints) {
      const instances = instancesOf(sample);
      const ignored = instances.map(({ ignore_flag }) => ignore_flag === 1);
      if (withBbox) out.gt_bboxes = boxesOf(instances);
      if (withLabel) out.gt_bboxes_labels = labelsOf(instances);
      if (withMask) {
        out.gt_masks = poly2mask ? bitmapsOf(instances, sizeOf(sample), ignored) : polygonsOf(instances, ignored);
      }
      if (withKeypoints) out.gt_keypoints = keypointsOf(instances);
      if (withBbox) out.gt_ignore_flags = hostArray('bool', [ignored.length], Uint8Array.from(ignored, Number));
    }
    return withSeg ? this.#withMap(out) : out;
  }

  async #withMap(sample: Fields): Promise<Fields> {
    const { seg_map_path: path } = sample;
    if (typeof path !== 'string') throw badAnnotation('seg_map_path', 'the path of an image of classes', path);
    const { dtype, shape, data } = await this.#maps.load(path);
    const [height = 0, width = 0, channels = 0] = shape;
    if (channels !== 1)
      throw badAnnotation(path, 'an image of one channel, whose values are classes', `${channels} channels`);
    const map = { dtype, shape: [height, width], data } as HostArray<'uint8' | 'int32'>;
    return { ...sample, gt_seg_map: this.#options.reduceZeroLabel ? withoutZero(map) : map };
  }
}

function instancesOf({ instances }: Fields): readonly Instance[] {
  if (Array.isArray(instances)) return instances as readonly Instance[];
  throw badAnnotation('instances', 'a list of objects, as CocoDataset gives it', instances);
}

function boxesOf(instances: readonly Instance[]): HostArray<'float32'> {
  const data = new Float32Array(instances.length * 4);
  instances.forEach(({ bbox }, i) => {
    if (!Array.isArray(bbox) || bbox.length !== 4)
      throw badAnnotation(`instances[${i}].bbox`, 'four numbers, x0, y0, x1, y1', bbox);
    data.set(bbox, 4 * i);
  });
  return hostArray('float32', [instances.length, 4], data);
}

function labelsOf(instances: readonly Instance[]): HostArray<'int32'> {
  const labels = instances.map(({ bbox_label }, i) => {
    if (Number.isSafeInteger(bbox_label)) return bbox_label as number;
    throw badAnnotation(`instances[${i}].bbox_label`, 'the index of a class', bbox_label);
  });
  return hostArray('int32', [labels.length], Int32Array.from(labels));
}

type Size = readonly [height: number, width: number];

/** Of the image as it was loaded, which is what masks are about. */
function sizeOf({ ori_shape: shape, height, width }: Fields): Size {
  const size = Array.isArray(shape) ? (shape as unknown[]) : [height, width];
  if (size.length === 2 && size.every((extent) => Number.isSafeInteger(extent))) return size as unknown as Size;
  throw badAnnotation('height and width', 'the size of the image, in a record with masks', size);
}

function bitmapsOf(instances: readonly Instance[], [height, width]: Size, ignored: boolean[]): HostArray<'uint8'> {
  const data = new Uint8Array(instances.length * height * width);
  instances.forEach(({ mask }, i) => {
    const shape = Array.isArray(mask) ? drawable(mask) : mask;
    if (shape === undefined) {
      ignored[i] = true;
      return;
    }
    const { size, counts } = cocoMask.ofSegmentation(shape, height, width);
    if (size[0] !== height || size[1] !== width)
      throw badAnnotation(
        `instances[${i}].mask`,
        `runs of the image's size, ${height} x ${width}`,
        `of ${size.join(' x ')}`,
      );
    data.set(cocoMask.decode({ size, counts }).data, i * height * width);
  });
  return hostArray('uint8', [instances.length, height, width], data);
}

function polygonsOf(instances: readonly Instance[], ignored: boolean[]): number[][][] {
  return instances.map(({ mask }, i) => {
    const polygons = Array.isArray(mask) ? drawable(mask as readonly (readonly number[])[]) : undefined;
    ignored[i] ||= polygons === undefined;
    return (polygons ?? []).map((polygon) => [...polygon]);
  });
}

/** Polygons with at least three corners; undefined when there are none. */
function drawable(polygons: readonly (readonly number[])[]): readonly (readonly number[])[] | undefined {
  const some = polygons.filter((polygon) => polygon.length >= 6 && polygon.length % 2 === 0);
  return some.length === 0 ? undefined : some;
}

function keypointsOf(instances: readonly Instance[]): HostArray<'float32'> {
  const rows = instances.map(({ keypoints }) => [keypoints ?? []].flat(2));
  const [{ length } = []] = rows;
  const isWrong = (row: readonly unknown[]) =>
    row.length !== length || row.length % 3 !== 0 || row.length === 0 || !row.every(Number.isFinite);
  const odd = rows.findIndex(isWrong);
  if (odd >= 0)
    throw badAnnotation(
      `instances[${odd}].keypoints`,
      'x, y and visibility of as many points as the others have',
      rows[odd],
    );
  return hostArray('float32', [rows.length, (length ?? 0) / 3, 3], Float32Array.from(rows.flat()));
}

/** Class k of the map becomes k - 1; what is no class, 0 or 255, is ignored. */
function withoutZero({ dtype, shape, data }: HostArray<'uint8' | 'int32'>): HostArray {
  const reduced = data.map((value) => (value === 0 || value === IGNORED ? IGNORED : value - 1));
  return { dtype, shape, data: reduced } as HostArray;
}

function badAnnotation(subject: string, expected: string, received: unknown): Error {
  return visionErrors.ANNOTATION({
    subject,
    expected,
    received: typeof received === 'string' ? received : (JSON.stringify(received)?.slice(0, 80) ?? 'nothing'),
    action: 'correct the annotation, or leave out what the dataset does not have: withBbox, withMask, ...',
  });
}

declare module '@engine/registry' {
  interface Transforms {
    LoadAnnotations: typeof LoadAnnotations;
  }
}
