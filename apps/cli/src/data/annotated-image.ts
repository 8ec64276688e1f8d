import { type HostArray, hostArray, isHostArray } from '@engine/core';
import { BaseDataElement } from '@engine/dataset';
import { cocoMask, type Segmentation } from '@engine/evaluator';
import type { Annotations } from '@engine/visualization';

type Fields = Readonly<Record<string, unknown>>;

/** The image of a sample `(H, W)`, `(H, W, C)` or `(C, H, W)`, as it is. */
export interface SampleImage {
  readonly array: HostArray;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Distances in the data from a row, a column, a channel to the next. */
  readonly strides: readonly [row: number, column: number, channel: number];
}

/** The image under `inputs`; undefined where there is none. Three axes with 1, 3 or 4 of the first only have channels first. */
export function imageOf(sample: Fields): SampleImage | undefined {
  const { inputs: array } = sample;
  if (!isHostArray(array) || array.dtype === 'int64' || array.data.length === 0) return undefined;
  const [first = 0, second = 0, third = 1] = array.shape;
  if (array.shape.length === 2) return { array, height: first, width: second, channels: 1, strides: [second, 1, 1] };
  if (array.shape.length !== 3) return undefined;
  const isChannels = (extent: number): boolean => extent === 1 || extent === 3 || extent === 4;
  if (isChannels(first) && !isChannels(third))
    return { array, height: second, width: third, channels: first, strides: [third, 1, second * third] };
  return { array, height: first, width: second, channels: third, strides: [second * third, third, 1] };
}

/** What is drawn of a sample, and counted. */
export interface SampleAnnotations extends Annotations {
  /** For each object, whether it is a crowd, to be ignored. */
  readonly ignored: readonly boolean[];
  /** How many objects have a mask. */
  readonly maskCount: number;
}

/** The objects and the label of a sample, whatever step of the pipeline it comes from; masks of annotation records only with an image. */
export function annotationsOf(sample: Fields, image?: SampleImage): SampleAnnotations {
  const { samples } = sample;
  const element = samples instanceof BaseDataElement ? samples : undefined;
  const instances = element?.get('gtInstances');
  const packed = instances instanceof BaseDataElement ? instances : undefined;
  const field = (name: string, packedName: string): unknown => packed?.get(packedName) ?? sample[name];
  const label = labelOf(element?.get('gtLabel') ?? samples ?? sample.gt_label);
  const bboxes = field('gt_bboxes', 'bboxes');
  const masks = masksUnder(field('gt_masks', 'masks'));
  const records = bboxes === undefined && Array.isArray(sample.instances) ? recorded(sample, image) : {};
  return {
    ...(isHostArray(bboxes) ? { bboxes } : {}),
    ...arrayUnder('labels', field('gt_bboxes_labels', 'labels')),
    ...masks,
    ...(label === undefined ? {} : { label }),
    maskCount: masks.masks?.shape[0] ?? masks.polygons?.length ?? 0,
    ignored: flagsOf(field('gt_ignore_flags', 'ignoreFlags')),
    ...records,
  };
}

function labelOf(value: unknown): HostArray | number | undefined {
  if (typeof value === 'number') return value;
  return isHostArray(value) && value.shape.length <= 1 && value.dtype !== 'float32' ? value : undefined;
}

const arrayUnder = (name: string, value: unknown): object => (isHostArray(value) ? { [name]: value } : {});

const flagsOf = (value: unknown): boolean[] =>
  isHostArray(value) ? Array.from(value.data as ArrayLike<number>, (flag) => Number(flag) !== 0) : [];

/** Masks `(N, H, W)`, or for each object its polygons as flat lists. */
function masksUnder(value: unknown): Pick<Annotations, 'masks' | 'polygons'> {
  if (isHostArray(value) && value.shape.length === 3) return { masks: value as HostArray<'bool' | 'uint8'> };
  if (!Array.isArray(value)) return {};
  return { polygons: (value as number[][][]).map((parts) => parts.map(pointsOf)) };
}

function pointsOf(flat: readonly number[]): number[][] {
  return Array.from({ length: Math.floor(flat.length / 2) }, (_, i) => [
    flat[2 * i] as number,
    flat[2 * i + 1] as number,
  ]);
}

interface Instance {
  readonly bbox?: readonly number[];
  readonly bbox_label?: number;
  readonly ignore_flag?: number;
  readonly mask?: Segmentation;
}

/** Objects of an annotation record; they are drawn only while the image has the size that the record says. */
function recorded(sample: Fields, image: SampleImage | undefined): SampleAnnotations {
  const instances = sample.instances as readonly Instance[];
  const boxed = instances.filter(({ bbox }) => bbox !== undefined);
  const size = [sample.height, sample.width];
  const fits = image === undefined || (image.height === size[0] && image.width === size[1]);
  const ignored = boxed.map(({ ignore_flag }) => ignore_flag === 1);
  const labels = boxed.map(({ bbox_label }) => bbox_label ?? 0);
  if (!fits) return { ignored: [], maskCount: 0 };
  const maskCount = boxed.filter(({ mask }) => mask !== undefined).length;
  const shapes = image === undefined || maskCount === 0 ? {} : recordedMasks(boxed, image);
  return { bboxes: boxed.map(({ bbox }) => [...(bbox as readonly number[])]), labels, ignored, maskCount, ...shapes };
}

function recordedMasks(instances: readonly Instance[], { height, width }: SampleImage): Pick<Annotations, 'masks'> {
  const data = new Uint8Array(instances.length * height * width);
  instances.forEach(({ mask }, i) => {
    if (mask === undefined) return;
    data.set(cocoMask.decode(cocoMask.ofSegmentation(mask, height, width)).data, i * height * width);
  });
  return { masks: hostArray('uint8', [instances.length, height, width], data) };
}
