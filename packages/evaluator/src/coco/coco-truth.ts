import type { ErrorFactory } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import { evaluatorErrors } from '../errors.js';
import type { CocoDetection, CocoTruth } from './coco-eval.js';
import { type CocoFile, type CocoProblem, readCocoFile } from './coco-file.js';
import * as cocoMask from './coco-mask.js';
import type { CocoResult } from './coco-predictions.js';

/** What is evaluated: boxes or masks. */
export type CocoKind = 'bbox' | 'segm';

const CODES: Readonly<Record<CocoProblem['kind'], ErrorFactory>> = {
  type: evaluatorErrors.COCO_TYPE,
  key: evaluatorErrors.COCO_KEY,
  value: evaluatorErrors.COCO_VALUE,
};

/** A COCO file as the right answers: label i is the category named `classes[i]`. */
export class CocoTruths {
  readonly #path: string;
  readonly #file: CocoFile;
  /** Ids of the categories, in the order of labels. */
  readonly categories: readonly number[];
  readonly classes: readonly string[];
  readonly #images: ReadonlyMap<number, CocoFile['images'][number]>;

  constructor(path: string, file: CocoFile, classes: readonly string[] | undefined) {
    this.#path = path;
    this.#file = file;
    const byName = new Map(file.categories.map(({ name, id }) => [name, id]));
    this.classes = classes ?? [...file.categories].sort((a, b) => a.id - b.id).map(({ name }) => name);
    const unknown = this.classes.filter((name) => !byName.has(name));
    if (unknown.length > 0) {
      throw evaluatorErrors.COCO_CLASSES({
        subject: path,
        expected: `a category for each class of the dataset's metainfo`,
        received: `none named ${unknown.join(', ')}; there are ${[...byName.keys()].join(', ')}`,
        action: 'give the names as the file has them, in metainfo.classes of the dataset',
      });
    }
    this.categories = this.classes.map((name) => byName.get(name) as number);
    this.#images = new Map(file.images.map((image) => [image.id, image]));
  }

  static async read(
    path: string,
    {
      storage,
      classes,
    }: { readonly storage: Pick<StorageBackend, 'get'>; readonly classes: readonly string[] | undefined },
  ): Promise<CocoTruths> {
    const fail = ({ kind, ...parts }: CocoProblem): Error => CODES[kind](parts);
    return new CocoTruths(path, await readCocoFile(path, { storage, fail }), classes);
  }

  get imageCount(): number {
    return this.#images.size;
  }

  truths(kind: CocoKind): CocoTruth[] {
    const wanted = new Set(this.categories);
    return this.#file.annotations
      .filter(({ category_id }) => wanted.has(category_id))
      .map((annotation) => ({
        id: annotation.id,
        image: annotation.image_id,
        category: annotation.category_id,
        area: annotation.area ?? annotation.bbox[2] * annotation.bbox[3],
        crowd: annotation.iscrowd === 1,
        shape: kind === 'bbox' ? annotation.bbox : this.#mask(annotation),
      }));
  }

  #mask({ id, image_id, segmentation }: CocoFile['annotations'][number]): cocoMask.Rle {
    if (segmentation === undefined) {
      throw evaluatorErrors.COCO_KEY({
        subject: `${this.#path}: annotation ${id}`,
        expected: 'a segmentation, since masks are evaluated',
        received: 'none',
        action: "evaluate metric: 'bbox' only, or add the masks to the file",
      });
    }
    const { height, width } = this.#images.get(image_id) as CocoFile['images'][number];
    return cocoMask.ofSegmentation(segmentation, height, width);
  }

  /** @throws `ENGINE_EVALUATOR_COCO_VALUE`, `ENGINE_EVALUATOR_LABEL_RANGE`, `ENGINE_EVALUATOR_BAD_PREDICTIONS` */
  detections(results: readonly CocoResult[], kind: CocoKind): CocoDetection[] {
    return results.flatMap((result) => {
      const image = this.#imageOf(result);
      return result.scores.map((score, i) => {
        const category = this.#categoryOf(result, i);
        const base = { image: image.id, category };
        if (kind === 'bbox') {
          const box = boxOf(result.boxes, i);
          return { ...base, score, shape: box, area: box[2] * box[3] };
        }
        const mask = maskOf(result, i, [image.height, image.width]);
        return { ...base, score: result.maskScores?.[i] ?? score, shape: mask, area: cocoMask.area(mask) };
      });
    });
  }

  #imageOf({ imgId }: CocoResult): CocoFile['images'][number] {
    const image = this.#images.get(imgId);
    if (image !== undefined) return image;
    throw evaluatorErrors.COCO_VALUE({
      subject: this.#path,
      expected: 'predictions for images of this file',
      received: `imgId = ${imgId}, which it does not have`,
      action: 'give the metric the annFile of the dataset that is evaluated',
    });
  }

  #categoryOf({ labels, imgId }: CocoResult, i: number): number {
    const category = this.categories[labels[i] as number];
    if (category !== undefined) return category;
    throw evaluatorErrors.LABEL_RANGE({
      subject: 'CocoMetric',
      expected: `labels from 0 to ${this.categories.length - 1}, as there are ${this.categories.length} classes`,
      received: `label = ${labels[i]} in image ${imgId}`,
      action: 'check the number of classes of the model and metainfo.classes of the dataset',
    });
  }
}

function boxOf(boxes: readonly number[], i: number): [number, number, number, number] {
  const [x0, y0, x1, y1] = boxes.slice(4 * i, 4 * i + 4) as [number, number, number, number];
  return [x0, y0, x1 - x0, y1 - y0];
}

function maskOf({ masks, imgId }: CocoResult, i: number, [height, width]: readonly [number, number]): cocoMask.Rle {
  const mask = masks?.[i];
  if (mask !== undefined && mask.size[0] === height && mask.size[1] === width) return mask;
  throw evaluatorErrors.BAD_PREDICTIONS({
    subject: 'CocoMetric',
    expected: `masks of the size of the image, ${height} x ${width}, since masks are evaluated`,
    received: `${mask === undefined ? 'no masks' : `a mask of ${mask.size.join(' x ')}`} for image ${imgId}`,
    action: 'bring masks back to the size of the original image in predict, or evaluate boxes only',
  });
}
