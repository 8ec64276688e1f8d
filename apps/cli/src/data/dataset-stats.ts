import { isHostArray } from '@engine/core';
import type { DatasetMeta } from '@engine/dataset';
import { annotationsOf, imageOf, type SampleAnnotations, type SampleImage } from './annotated-image.js';
import { Moments } from './moments.js';

/** COCO's sizes of objects, in pixels. */
const [SMALL, MEDIUM] = [32 ** 2, 96 ** 2];

/** What is counted of a dataset; values of images are as the step of the pipeline left them. */
export interface StatsReport {
  /** Samples of the dataset. */
  readonly length: number;
  readonly read: number;
  /** Samples that the pipeline threw away. */
  readonly dropped: number;
  readonly failed: readonly { readonly index: number; readonly reason: string }[];
  readonly images: {
    readonly count: number;
    /** `28 x 28 x 1 uint8` (height, width, channels), the most frequent first. */
    readonly shapes: readonly { readonly shape: string; readonly count: number }[];
    readonly channels: readonly {
      readonly mean: number;
      readonly std: number;
      readonly min: number;
      readonly max: number;
    }[];
  };
  /** Samples with that label, and objects of that class. */
  readonly classes: readonly { readonly name: string; readonly samples: number; readonly objects: number }[];
  /** Absent where no sample has boxes. */
  readonly boxes?: {
    readonly count: number;
    /** Boxes to be ignored, of crowds. */
    readonly ignored: number;
    readonly masks: number;
    /** Images without a box. */
    readonly empty: number;
    readonly perImage: Range;
    readonly width: Range;
    readonly height: Range;
    /** By area: below 32 x 32 pixels, below 96 x 96, above. */
    readonly sizes: { readonly small: number; readonly medium: number; readonly large: number };
  };
}
type Range = { readonly min: number; readonly mean: number; readonly max: number } | undefined;

/** Counts samples as they come; keeps sums, no images. */
export class DatasetStats {
  readonly #classes: readonly string[] | undefined;
  readonly #shapes = new Map<string, number>();
  readonly #channels: Moments[] = [];
  readonly #bySample = new Map<number, number>();
  readonly #byObject = new Map<number, number>();
  readonly #failed: { index: number; reason: string }[] = [];
  readonly #boxes = {
    perImage: new Moments(),
    width: new Moments(),
    height: new Moments(),
    ignored: 0,
    masks: 0,
    empty: 0,
  };
  readonly #sizes = { small: 0, medium: 0, large: 0 };
  #images = 0;
  #read = 0;
  #dropped = 0;

  constructor({ classes }: DatasetMeta) {
    this.#classes = classes;
  }

  fail(index: number, error: Error): void {
    this.#failed.push({ index, reason: reasonOf(error) });
  }

  /** A sample, or null for one that the pipeline threw away. */
  add(sample: Readonly<Record<string, unknown>> | null): void {
    this.#read += 1;
    if (sample === null) {
      this.#dropped += 1;
      return;
    }
    const image = imageOf(sample);
    if (image !== undefined) this.#addImage(image);
    this.#addAnnotations(annotationsOf(sample));
  }

  #addImage({ array, height, width, channels, strides: [, column, deep] }: SampleImage): void {
    const shape = `${height} x ${width} x ${channels} ${array.dtype}`;
    this.#shapes.set(shape, (this.#shapes.get(shape) ?? 0) + 1);
    this.#images += 1;
    for (let channel = 0; channel < channels; channel += 1) {
      this.#channels[channel] ??= new Moments();
      const data = array.data as unknown as ArrayLike<number>;
      this.#channels[channel]?.addGroup(data, { start: channel * deep, step: column, count: height * width });
    }
  }

  #addAnnotations({ bboxes, labels, maskCount, label, ignored }: SampleAnnotations): void {
    for (const value of numbersOf(label)) count(this.#bySample, value);
    if (bboxes === undefined) return;
    const rows = numbersOf(bboxes);
    const boxes = rows.length / 4;
    this.#boxes.perImage.add(boxes);
    if (boxes === 0) this.#boxes.empty += 1;
    this.#boxes.ignored += ignored.filter((flag) => flag).length;
    this.#boxes.masks += maskCount;
    for (const value of numbersOf(labels)) count(this.#byObject, value);
    for (let i = 0; i < rows.length; i += 4) this.#addBox(rows.slice(i, i + 4) as [number, number, number, number]);
  }

  #addBox([left, top, right, bottom]: readonly [number, number, number, number]): void {
    const [width, height] = [right - left, bottom - top];
    this.#boxes.width.add(width);
    this.#boxes.height.add(height);
    const area = width * height;
    this.#sizes[area < SMALL ? 'small' : area < MEDIUM ? 'medium' : 'large'] += 1;
  }

  report(length: number): StatsReport {
    const { perImage, width, height, ignored, masks, empty } = this.#boxes;
    return {
      length,
      read: this.#read,
      dropped: this.#dropped,
      failed: this.#failed,
      images: {
        count: this.#images,
        shapes: [...this.#shapes].map(([shape, times]) => ({ shape, count: times })).sort((a, b) => b.count - a.count),
        channels: this.#channels.map(({ mean, std, min, max }) => ({ mean, std, min, max })),
      },
      classes: this.#classCounts(),
      ...(perImage.count === 0
        ? {}
        : {
            boxes: {
              count: width.count,
              ignored,
              masks,
              empty,
              perImage: perImage.summary(),
              width: width.summary(),
              height: height.summary(),
              sizes: { ...this.#sizes },
            },
          }),
    };
  }

  #classCounts(): StatsReport['classes'] {
    const labels = new Set([...this.#bySample.keys(), ...this.#byObject.keys(), ...(this.#classes ?? []).keys()]);
    return [...labels]
      .sort((a, b) => a - b)
      .map((label) => ({
        name: this.#classes?.[label] ?? String(label),
        samples: this.#bySample.get(label) ?? 0,
        objects: this.#byObject.get(label) ?? 0,
      }));
  }
}

function count(counts: Map<number, number>, label: number): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}

function numbersOf(value: unknown): number[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return [value];
  if (isHostArray(value)) return Array.from(value.data as ArrayLike<number | bigint>, Number);
  return (value as (number | readonly number[])[]).flat() as number[];
}

/** One line: the innermost cause says what is wrong with the file. */
function reasonOf(error: Error): string {
  let last = error;
  while (last.cause instanceof Error) last = last.cause;
  return last.message
    .split('\n')
    .map((line) => line.trim())
    .join('; ');
}
