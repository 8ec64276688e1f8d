import { type Logger, silentLogger } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import * as z from 'zod/mini';
import { BaseMetric } from '../base-metric.js';
import type { MetricValues } from '../contract.js';
import { defineMetric } from '../define-metric.js';
import { evaluatorErrors } from '../errors.js';
import { CocoTable } from './coco-eval.js';
import { DEFAULT_IOU_THRS, itemsFor, type MetricItem, parseItem } from './coco-items.js';
import { type CocoResult, cocoResults } from './coco-predictions.js';
import { type CocoKind, CocoTruths } from './coco-truth.js';

const KINDS = ['bbox', 'segm', 'proposal'] as const;
const counts = z.array(z.int().check(z.positive())).check(z.minLength(1));
const threshold = z.number().check(z.gt(0), z.lte(1));

const cocoMetricOptions = z.strictObject({
  /** The annotation file of the dataset that is evaluated, in COCO's format. */
  annFile: z.string(),
  /** `bbox` for boxes, `segm` for masks, `proposal` for boxes whatever their class. Default: bbox. */
  metric: z._default(z.union([z.enum(KINDS), z.array(z.enum(KINDS)).check(z.minLength(1))]), 'bbox'),
  /** Also give the average precision of each class, as `bbox_<class>_precision`. Default false. */
  classwise: z._default(z.boolean(), false),
  /** How many detections an image count; average precision takes the most. Default 1, 10, 100. */
  maxDets: z._default(counts, [1, 10, 100]),
  /** The same for `proposal`. Default 100, 300, 1000. */
  proposalNums: z._default(counts, [100, 300, 1000]),
  /** Overlaps from which on an object counts as found. Default 0.5, 0.55, ..., 0.95. */
  iouThrs: z.optional(z.union([threshold, z.array(threshold).check(z.minLength(1))])),
  /** Which values, e.g. `mAP`, `mAP_50`, `mAP_s`, `AR@100`, `AR_l@100`. Default: those of COCO's table. */
  metricItems: z.optional(z.array(z.string()).check(z.minLength(1))),
  /** Write predictions only, compute nothing; needs `outfilePrefix`. Default false. */
  formatOnly: z._default(z.boolean(), false),
  /** Write predictions to `<prefix>.bbox.json` and so on, in COCO's format. Default: do not. */
  outfilePrefix: z.optional(z.string().check(z.minLength(1))),
  prefix: z.optional(z.string()),
});
export interface CocoMetricOptions extends z.input<typeof cocoMetricOptions> {}
type Kind = (typeof KINDS)[number];

/**
 * Average precision and recall of boxes and masks as COCO counts them, from 0 to 1 (-1: there was nothing to find): `coco/bbox_mAP`,
 * `coco/bbox_mAP_50`, `coco/segm_AR@100`, ... All images of `annFile` count, whether they were predicted or not.
 *
 * Predictions: a list of `{ imgId, predInstances: { bboxes, scores, labels, masks?, maskScores? } }`, one a sample; tensors, host arrays or
 * lists. `bboxes` `(N, 4)` are x0, y0, x1, y1 in pixels of the original image, `labels` count from 0 in the order of `metainfo.classes`
 * (without those: of the file's categories by id), masks `(N, H, W)` or a list of {@link Rle} are as large as that image. `imgId` may
 * stand in the batch's `samples` instead.
 *
 * @throws `ENGINE_EVALUATOR_COCO_OPTION`; from `process` `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_BAD_MASK`; from `evaluate`
 * `ENGINE_EVALUATOR_COCO_TYPE`, `_COCO_KEY`, `_COCO_VALUE`, `_COCO_CLASSES`, `_LABEL_RANGE`, `_BAD_PREDICTIONS`
 */
export class CocoMetric extends BaseMetric<CocoResult> {
  static readonly entry = defineMetric<'CocoMetric', typeof cocoMetricOptions, CocoMetricOptions>({
    name: 'CocoMetric',
    options: cocoMetricOptions,
    create: (options, { logger }) => new CocoMetric({ ...options, logger }),
    module: '@engine/evaluator',
    doc: 'Average precision and recall of boxes and masks, as COCO counts them.',
  });
  static override readonly defaultPrefix = 'coco';
  readonly #options: z.output<typeof cocoMetricOptions>;
  readonly #kinds: readonly Kind[];
  readonly #iouThrs: readonly number[];
  readonly #storage: StorageBackend | undefined;
  readonly #logger: Logger;

  /** `storage`: where the annotation file is read and predictions are written. Default: this machine, and web addresses. */
  constructor({
    storage,
    logger = silentLogger,
    ...options
  }: CocoMetricOptions & { readonly storage?: StorageBackend; readonly logger?: Logger }) {
    super({ prefix: options.prefix });
    this.#options = cocoMetricOptions.parse(options);
    const { metric, iouThrs = DEFAULT_IOU_THRS, formatOnly, outfilePrefix } = this.#options;
    this.#kinds = [...new Set(typeof metric === 'string' ? [metric] : metric)];
    this.#iouThrs = typeof iouThrs === 'number' ? [iouThrs] : iouThrs;
    this.#storage = storage;
    this.#logger = logger;
    for (const kind of this.#kinds) this.#items(kind);
    if (formatOnly && outfilePrefix === undefined) {
      throw evaluatorErrors.COCO_OPTION({
        subject: 'CocoMetric',
        expected: 'outfilePrefix, where predictions are written, since formatOnly says to do nothing else',
        received: 'formatOnly = true without it',
        action: "add outfilePrefix: 'runs/coco/test'",
      });
    }
  }

  async process(batch: unknown, predictions: unknown): Promise<void> {
    this.results.push(...(await cocoResults(batch, predictions)));
  }

  async computeMetrics(results: readonly CocoResult[]): Promise<MetricValues> {
    const { annFile, formatOnly } = this.#options;
    const storage = this.#storage ?? (await machineStorage());
    const { classes } = this.datasetMeta ?? {};
    const truths = await CocoTruths.read(annFile, { storage, classes: classes as readonly string[] | undefined });
    await this.#write(truths, results, storage);
    if (formatOnly) return {};
    const missing = truths.imageCount - new Set(results.map(({ imgId }) => imgId)).size;
    if (missing > 0)
      this.#logger.warn(
        `CocoMetric: ${missing} of ${truths.imageCount} images of ${annFile} were not predicted; their objects count as missed`,
      );
    return Object.assign({}, ...this.#kinds.map((kind) => this.#valuesOf(kind, truths, results))) as MetricValues;
  }

  #valuesOf(kind: Kind, truths: CocoTruths, results: readonly CocoResult[]): MetricValues {
    const shape = shapeOf(kind);
    const { categories, classes } = truths;
    const table = new CocoTable({
      truths: this.#warned(truths.truths(shape)),
      detections: truths.detections(results, shape),
      categories,
      ignoreCategories: kind === 'proposal',
      iouThrs: this.#iouThrs,
      maxDets: this.#maxDets(kind),
    });
    const name = (item: string): string => (kind === 'proposal' ? item : `${kind}_${item}`);
    const values = this.#items(kind).map(({ item, measure, cells }): [string, number] => [
      name(item),
      measure === 'AP' ? table.averagePrecision(cells) : table.averageRecall(cells),
    ]);
    const perClass =
      this.#options.classwise && kind !== 'proposal'
        ? classes.map((label, category): [string, number] => [
            name(`${label}_precision`),
            table.averagePrecision({ category }),
          ])
        : [];
    return Object.fromEntries([...values, ...perClass]);
  }

  #warned<T extends { readonly id: number }>(truths: T[]): T[] {
    if (truths.some(({ id }) => id === 0))
      this.#logger.warn(
        `CocoMetric: an annotation of ${this.#options.annFile} has the id 0, which COCO's evaluation takes for none: what finds it counts as wrong. Number annotations from 1.`,
      );
    return truths;
  }

  #maxDets(kind: Kind): number[] {
    const { maxDets, proposalNums } = this.#options;
    return [...new Set(kind === 'proposal' ? proposalNums : maxDets)].sort((a, b) => a - b);
  }

  #items(kind: Kind): MetricItem[] {
    const limits = { iouThrs: this.#iouThrs, maxDets: this.#maxDets(kind) };
    const names = this.#options.metricItems ?? itemsFor(kind === 'proposal', limits);
    return names.map((name) => parseItem(name, limits));
  }

  async #write(truths: CocoTruths, results: readonly CocoResult[], storage: StorageBackend): Promise<void> {
    const { outfilePrefix } = this.#options;
    if (outfilePrefix === undefined) return;
    for (const kind of this.#kinds) {
      const rows = truths.detections(results, shapeOf(kind)).map(({ image, category, score, shape }) => ({
        image_id: image,
        category_id: category,
        score,
        ...(kind === 'segm' ? { segmentation: shape } : { bbox: shape }),
      }));
      const path = `${outfilePrefix}.${kind}.json`;
      await storage.putAtomic(path, new TextEncoder().encode(JSON.stringify(rows)));
      this.#logger.info(`Results have been saved to ${path}.`);
    }
  }
}

const shapeOf = (kind: Kind): CocoKind => (kind === 'segm' ? 'segm' : 'bbox');

const machineStorage = async (): Promise<StorageBackend> => (await import('@engine/fileio')).nodeStorage();

declare module '@engine/registry' {
  interface Metrics {
    CocoMetric: typeof CocoMetric;
  }
}
