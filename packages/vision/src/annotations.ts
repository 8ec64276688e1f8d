import { type HostArray, hostArray, isHostArray } from '@engine/core';
import type { LazyArray } from '@engine/dataset';
import { visionErrors } from './errors.js';
import { type ImageView, imageOf } from './image.js';
import type { Matrix } from './pixels/warp.js';

/** A change of an image that moves things: applied to the pixels, and to the annotations beside them. */
export interface Geometry {
  /** From a place of the old image to one of the new; coordinates are of pixel corners. */
  readonly matrix: Matrix;
  /** The new pixels of the image. */
  image(view: ImageView): HostArray | LazyArray;
  /** The new pixels of a map of classes or a mask, of any element type; nothing is blended. */
  labels(view: ImageView, key: 'gt_seg_map' | 'gt_masks'): HostArray;
  /** Keep boxes and polygons inside the new image (default true). */
  readonly clip?: boolean;
}

type Fields = Record<string, unknown>;

/**
 * Applies a change to `inputs` and to what lies beside it, where there is any of: `gt_bboxes` float32 (N, 4) as x1, y1, x2, y2;
 * `gt_keypoints` float32 (..., 2 or 3) as x, y and visibility; `gt_seg_map` (H, W); `gt_masks` (N, H, W), or polygons (a list of lists of x, y, x, y, ...
 * for each object); `img_shape`, [height, width].
 * @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_ANNOTATION`
 */
export function moved(sample: Fields, geometry: Geometry, transform: string): Fields {
  const inputs = geometry.image(imageOf(sample, transform));
  const [height = 0, width = 0] = inputs.shape;
  return { ...sample, ...movedAnnotations(sample, geometry, [height, width]), inputs };
}

/** As {@link moved}, for changes of size: sets `img_shape` in any case. */
export function movedAndSized(sample: Fields, geometry: Geometry, transform: string): Fields {
  const out = moved(sample, geometry, transform);
  return { ...out, img_shape: (out.inputs as HostArray).shape.slice(0, 2) };
}

/** Whether something beside `inputs` is about places in the image, or tells its size. Most samples of classification have nothing, and millions come by. */
export function hasAnnotations(sample: Fields): boolean {
  if (sample.img_shape !== undefined || sample.gt_bboxes !== undefined) return true;
  return sample.gt_keypoints !== undefined || sample.gt_seg_map !== undefined || sample.gt_masks !== undefined;
}

/** What {@link moved} changes beside `inputs`, for a new image of `size`; `geometry.image` is not asked. @throws `ENGINE_VISION_ANNOTATION` */
export function movedAnnotations(
  sample: Fields,
  geometry: Omit<Geometry, 'image'>,
  [height, width]: readonly [height: number, width: number],
): Fields {
  const bounds = geometry.clip === false ? undefined : ([width, height] as const);
  const out: Fields = {};
  const { matrix } = geometry;
  if (sample.img_shape !== undefined) out.img_shape = [height, width];
  if (sample.gt_bboxes !== undefined) out.gt_bboxes = movedBoxes(floatsAt(sample, 'gt_bboxes', 4), matrix, bounds);
  if (sample.gt_keypoints !== undefined)
    out.gt_keypoints = movedPoints(floatsAt(sample, 'gt_keypoints'), matrix, [width, height]);
  if (sample.gt_seg_map !== undefined)
    out.gt_seg_map = geometry.labels(mapView(sample.gt_seg_map, 'gt_seg_map'), 'gt_seg_map');
  if (sample.gt_masks !== undefined) out.gt_masks = movedMasks(sample.gt_masks, geometry, bounds);
  return out;
}

type Bounds = readonly [width: number, height: number];

/** A box becomes the smallest upright one around its four corners. */
function movedBoxes({ shape, data }: HostArray<'float32'>, matrix: Matrix, bounds: Bounds | undefined): HostArray {
  const out = new Float32Array(data.length);
  const corners = new Float64Array(8);
  for (let i = 0; i < data.length; i += 4) {
    const [x1, y1, x2, y2] = data.subarray(i, i + 4) as unknown as [number, number, number, number];
    put(corners, 0, [x1, y1], matrix);
    put(corners, 2, [x2, y1], matrix);
    put(corners, 4, [x2, y2], matrix);
    put(corners, 6, [x1, y2], matrix);
    for (let axis = 0; axis < 2; axis++) {
      const four = [corners[axis], corners[axis + 2], corners[axis + 4], corners[axis + 6]] as number[];
      const most = bounds === undefined ? Number.POSITIVE_INFINITY : (bounds[axis] as number);
      const least = bounds === undefined ? Number.NEGATIVE_INFINITY : 0;
      out[i + axis] = Math.min(Math.max(Math.min(...four), least), most);
      out[i + axis + 2] = Math.min(Math.max(Math.max(...four), least), most);
    }
  }
  return hostArray('float32', shape, out);
}

/** Points that leave the image become invisible, where there is a visibility. */
function movedPoints({ shape, data }: HostArray<'float32'>, matrix: Matrix, [width, height]: Bounds): HostArray {
  const step = shape.at(-1) as number;
  const out = Float32Array.from(data);
  const place = new Float64Array(2);
  for (let i = 0; i < data.length; i += step) {
    put(place, 0, [data[i] as number, data[i + 1] as number], matrix);
    const [x, y] = place as unknown as [number, number];
    out[i] = x;
    out[i + 1] = y;
    if (step === 3 && (x < 0 || y < 0 || x >= width || y >= height)) out[i + 2] = 0;
  }
  return hostArray('float32', shape, out);
}

function movedMasks(masks: unknown, geometry: Omit<Geometry, 'image'>, bounds: Bounds | undefined): unknown {
  if (Array.isArray(masks)) return movedPolygons(masks as number[][][], geometry.matrix, bounds);
  if (!isHostArray(masks) || masks.shape.length !== 3)
    throw badAnnotation('gt_masks', 'a host array (N, H, W), or polygons for each object', masks);
  const [count = 0, height = 0, width = 0] = masks.shape;
  const planes = Array.from({ length: count }, (_, i) => {
    const data = masks.data.subarray(i * height * width, (i + 1) * height * width) as Uint8Array;
    return geometry.labels(
      { array: { ...masks, shape: [height, width], data } as HostArray, height, width, channels: 1 },
      'gt_masks',
    );
  });
  if (planes[0] === undefined) {
    const empty = geometry.labels(
      mapView({ dtype: 'uint8', shape: [height, width], data: new Uint8Array(height * width) }, 'gt_masks'),
      'gt_masks',
    );
    return { ...masks, shape: [0, ...empty.shape] };
  }
  const size = planes[0].data.length;
  const data = new Uint8Array(count * size);
  for (const [i, plane] of planes.entries()) data.set(plane.data as Uint8Array, i * size);
  return { dtype: masks.dtype, shape: [count, ...planes[0].shape], data };
}

function movedPolygons(
  objects: readonly (readonly number[][])[],
  matrix: Matrix,
  bounds: Bounds | undefined,
): number[][][] {
  const place = new Float64Array(2);
  return objects.map((polygons) => {
    const all = polygons.map((flat) => {
      const out: number[] = [];
      for (let i = 0; i + 1 < flat.length; i += 2) {
        put(place, 0, [flat[i] as number, flat[i + 1] as number], matrix);
        out.push(...place);
      }
      return out;
    });
    return bounds === undefined ? all : all.map((flat) => clipped(flat, bounds)).filter(({ length }) => length >= 6);
  });
}

/** The part of a polygon inside the image, one side of the image after the other, as Sutherland and Hodgman (1974) cut; what is apart stays joined along the border. */
function clipped(flat: number[], bounds: Bounds): number[] {
  return ([0, 1] as const).reduce(
    (points, axis) => half(half(points, { axis, limit: 0, sign: 1 }), { axis, limit: bounds[axis], sign: -1 }),
    flat,
  );
}

/** What of a polygon is beyond a limit (`sign` 1) or before it (-1). */
function half(points: number[], { axis, limit, sign }: { axis: 0 | 1; limit: number; sign: 1 | -1 }): number[] {
  const out: number[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const next = (i + 2) % points.length;
    const [from, to] = [i, next].map((at) => sign * ((points[at + axis] as number) - limit)) as [number, number];
    const [x, y] = [points[i] as number, points[i + 1] as number];
    if (from >= 0) out.push(x, y);
    if (from * to >= 0) continue;
    const part = from / (from - to);
    const crossing = [x + part * ((points[next] as number) - x), y + part * ((points[next + 1] as number) - y)];
    crossing[axis] = limit;
    out.push(...crossing);
  }
  return out;
}

function put(into: Float64Array, at: number, [x, y]: readonly [number, number], m: Matrix): void {
  const w = m[6] * x + m[7] * y + m[8];
  into[at] = (m[0] * x + m[1] * y + m[2]) / w;
  into[at + 1] = (m[3] * x + m[4] * y + m[5]) / w;
}

function floatsAt(sample: Fields, key: string, last?: 4): HostArray<'float32'> {
  const value = sample[key];
  if (isHostArray(value) && value.dtype === 'float32') {
    const extent = value.shape.at(-1);
    if (last === undefined ? extent === 2 || extent === 3 : extent === last && value.shape.length === 2)
      return value as HostArray<'float32'>;
  }
  throw badAnnotation(key, last === 4 ? 'float32 (N, 4)' : 'float32 (..., 2) or (..., 3)', value);
}

function mapView(value: unknown, key: string): ImageView {
  if (!isHostArray(value) || value.shape.length !== 2) throw badAnnotation(key, 'a host array (H, W)', value);
  const [height = 0, width = 0] = value.shape;
  return { array: value, height, width, channels: 1 };
}

function badAnnotation(key: string, expected: string, value: unknown): Error {
  return visionErrors.ANNOTATION({
    subject: key,
    expected,
    received: isHostArray(value)
      ? `${value.dtype} (${value.shape.join(', ')})`
      : value === null
        ? 'null'
        : typeof value,
    action: 'convert the annotation where the dataset loads it, or in a transform before',
  });
}
