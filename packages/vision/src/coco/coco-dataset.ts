import type { ErrorFactory } from '@engine/core';
import {
  BaseDataset,
  type BaseDatasetInit,
  type BaseDatasetOptions,
  baseDatasetInit,
  baseDatasetOptions,
  type DataInfo,
  defineDataset,
  type ReadableStorage,
} from '@engine/dataset';
import { type CocoAnnotation, type CocoFile, type CocoImage, type CocoProblem, readCocoFile } from '@engine/evaluator';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { CocoInstances } from './coco-instances.js';

const filterCfg = z.strictObject({
  filterEmptyGt: z._default(z.boolean(), false),
  minSize: z._default(z.int().check(z.nonnegative()), 0),
});

const cocoDatasetOptions = z.extend(baseDatasetOptions, {
  dataPrefix: z._default(z.record(z.string(), z.string()), { img: '' }),
  filterCfg: z.optional(filterCfg),
  outsideBoxes: z._default(z.enum(['clip', 'refuse']), 'clip'),
});
/** Kinds are spelt out, as in `BaseDatasetOptions`. */
export interface CocoDatasetOptions
  extends Omit<z.input<typeof cocoDatasetOptions>, 'pipeline'>,
    Pick<BaseDatasetOptions, 'pipeline'> {}

/** What a {@link CocoDataset} is made of. */
export interface CocoDatasetInit extends Omit<BaseDatasetInit, 'filterCfg'> {
  /** `img`: the folder of the images, below `dataRoot`. Default `{ img: '' }`. */
  readonly dataPrefix?: Readonly<Record<string, string>> | undefined;
  /**
   * Which images to leave out, but for `testMode`: with `filterEmptyGt` those without an object of the classes, with `minSize` those
   * whose shorter side has fewer pixels. Default: none.
   */
  readonly filterCfg?: Readonly<Partial<z.output<typeof filterCfg>>> | undefined;
  /** What happens to a box that reaches out of its image: `clip` (default) cuts it, and drops it where nothing is left; `refuse` is an error. */
  readonly outsideBoxes?: 'clip' | 'refuse' | undefined;
}

const CODES: Readonly<Record<CocoProblem['kind'], ErrorFactory>> = {
  type: visionErrors.COCO_TYPE,
  key: visionErrors.COCO_KEY,
  value: visionErrors.COCO_VALUE,
};

/**
 * Images with boxes, masks and keypoints from an annotation file in COCO's format.
 *
 * A record has `img_path`, `img_id`, `height`, `width` in pixels, and `instances`: for each object `bbox` [x0, y0, x1, y1] in pixels,
 * `bbox_label` from 0, `ignore_flag` 1 for a crowd, and `mask` (polygons or runs) and `keypoints` (x, y, visibility, x, ...) where the file has
 * them, as it has them. Label i is the category named `metainfo.classes[i]`; without given classes those of the file, by their ids. Objects of other categories, and those
 * below a pixel, are left out. `metainfo.categoryIds` has the ids of the classes.
 *
 * @throws `ENGINE_VISION_COCO_TYPE`, `_COCO_KEY`, `_COCO_VALUE`, `_COCO_CLASSES`, `_COCO_BOX` from `init()`, and those of {@link BaseDataset}
 */
export class CocoDataset extends BaseDataset {
  static readonly entry = defineDataset<'CocoDataset', typeof cocoDatasetOptions, CocoDatasetOptions>({
    name: 'CocoDataset',
    options: cocoDatasetOptions,
    create: ({ outsideBoxes, ...options }, ctx) =>
      new CocoDataset({ ...baseDatasetInit(options, ctx), filterCfg: options.filterCfg, outsideBoxes }),
    module: '@engine/vision',
    doc: "Images with boxes and masks from an annotation file in COCO's format.",
  });
  private readonly outsideBoxes: 'clip' | 'refuse';

  constructor({ outsideBoxes = 'clip', dataPrefix = { img: '' }, ...init }: CocoDatasetInit = {}) {
    super({ ...init, dataPrefix });
    this.outsideBoxes = outsideBoxes;
  }

  override async loadDataList(storage: ReadableStorage): Promise<DataInfo[]> {
    const fail = ({ kind, ...parts }: CocoProblem): Error => CODES[kind](parts);
    const file = await readCocoFile(this.annFile, { storage, fail, mayLackAnnotations: this.testMode });
    const classes = this.metainfo.classes ?? [...file.categories].sort((a, b) => a.id - b.id).map(({ name }) => name);
    const categoryIds = this.categoryIds(file, classes);
    this.addMetainfo({ classes, categoryIds });
    const instances = new CocoInstances(this.annFile, { categoryIds, outside: this.outsideBoxes });
    const byImage = new Map<number, CocoAnnotation[]>(file.images.map(({ id }) => [id, []]));
    for (const annotation of file.annotations) byImage.get(annotation.image_id)?.push(annotation);
    const records = file.images.map((image) => this.recordOf(image, instances.of(image, byImage.get(image.id) ?? [])));
    const left = instances.report();
    if (left !== undefined) this.logger.info(`CocoDataset: ${this.annFile}: ${left}`);
    return records;
  }

  /** @throws `ENGINE_VISION_COCO_CLASSES` */
  private categoryIds({ categories }: CocoFile, classes: readonly string[]): number[] {
    const ids = new Map(categories.map(({ name, id }) => [name, id]));
    const unknown = classes.filter((name) => !ids.has(name));
    if (unknown.length === 0) return classes.map((name) => ids.get(name) as number);
    throw visionErrors.COCO_CLASSES({
      subject: this.annFile,
      expected: 'a category for each of metainfo.classes',
      received: `none named ${unknown.join(', ')}; there are ${[...ids.keys()].join(', ') || 'none'}`,
      action: 'write the classes as the file has them, or leave them out to take those of the file',
    });
  }

  private recordOf(image: CocoImage, instances: readonly DataInfo[]): DataInfo {
    const { id, width, height, file_name } = image;
    if (typeof file_name !== 'string') {
      throw visionErrors.COCO_KEY({
        subject: `${this.annFile}: image ${id}`,
        expected: 'the path of the image in file_name',
        received: file_name === undefined ? 'none' : `file_name = ${JSON.stringify(file_name)}`,
        action: 'correct the annotation file, or write it again with the tool it comes from',
      });
    }
    const paths = this.parseDataInfo(Object.fromEntries(Object.keys(this.dataPrefix).map((key) => [key, file_name])));
    const { img, img_path } = paths as DataInfo;
    return { img_path: img ?? img_path ?? file_name, img_id: id, height, width, instances };
  }

  override filterData(dataList: DataInfo[]): DataInfo[] {
    if (this.testMode) return dataList;
    const { filterEmptyGt = false, minSize = 0 } = this.filterCfg;
    return dataList.filter(({ instances, width, height }) => {
      const isEmpty = (instances as readonly unknown[]).length === 0;
      return !(filterEmptyGt && isEmpty) && Math.min(width as number, height as number) >= (minSize as number);
    });
  }

  /** The labels of the objects in a sample, crowds too. */
  override getCatIds(index: number): readonly number[] {
    const { instances } = this.getDataInfo(index) as { readonly instances: readonly { readonly bbox_label: number }[] };
    return instances.map(({ bbox_label }) => bbox_label);
  }
}

declare module '@engine/registry' {
  interface Datasets {
    CocoDataset: typeof CocoDataset;
  }
}
