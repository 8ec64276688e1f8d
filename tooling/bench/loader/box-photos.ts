import { hostArray } from '@engine/core/plain';
import { BaseDataset, baseDatasetInit, baseDatasetOptions, type DataInfo, defineDataset } from '@engine/dataset';
import * as z from 'zod/mini';

const BOXES = 8;

class BoxPhotos extends BaseDataset {
  readonly #root: string;
  readonly #count: number;

  constructor({ root, length }: { root: string; length: number }, init: ConstructorParameters<typeof BaseDataset>[0]) {
    super(init);
    this.#root = root;
    this.#count = length;
  }

  override async loadDataList(): Promise<DataInfo[]> {
    return Array.from({ length: this.#count }, (_, i) => ({
      img_path: `${this.#root}/class${i % 10}/${String(i).padStart(4, '0')}.jpg`,
      boxes: Array.from({ length: BOXES }, (_box, k) => [10 + k * 20, 5 + k * 12, 150 + k * 40, 100 + k * 30]),
    }));
  }

  override parseDataInfo({ boxes, ...info }: DataInfo): DataInfo {
    const list = boxes as number[][];
    return {
      ...info,
      gt_bboxes: hostArray('float32', [list.length, 4], Float32Array.from(list.flat())),
      gt_bboxes_labels: hostArray(
        'int32',
        [list.length],
        Int32Array.from(list, (_, k) => k),
      ),
    };
  }
}

/** The files of `npm run bench -- loader boxes`, with boxes as COCO has them. */
export const BenchBoxes = defineDataset({
  name: 'BenchBoxes',
  options: z.extend(baseDatasetOptions, { root: z.string(), length: z.int() }),
  create: ({ root, length, ...options }, ctx) => new BoxPhotos({ root, length }, baseDatasetInit(options, ctx)),
  module: import.meta.url,
});
