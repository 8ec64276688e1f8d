import * as z from 'zod/mini';
import { BaseMetric } from '../base-metric.js';
import type { MetricValues } from '../contract.js';
import { defineMetric } from '../define-metric.js';
import { averagePrecision } from './voc-average-precision.js';
import type { Outcome } from './voc-matching.js';
import { type VocResult, vocResults } from './voc-results.js';

const threshold = z.number().check(z.gt(0), z.lte(1));

const vocMetricOptions = z.strictObject({
  /** Overlaps from which on an object counts as found, one or several. Default 0.5. */
  iouThrs: z._default(z.union([threshold, z.array(threshold).check(z.minLength(1))]), 0.5),
  /** `11points`: the mean of 11 precisions (VOC 2007), `area`: the area below the curve (VOC 2010 and later). Default: 11points. */
  evalMode: z._default(z.enum(['area', '11points']), '11points'),
  /** What is measured; there is nothing else. */
  metric: z._default(z.literal('mAP'), 'mAP'),
  /** Whether a box holds the column and row that its second corner names, so that its width is x1 - x0 + 1, as VOC's own programs have it. Default true. */
  useLegacyCoordinate: z._default(z.boolean(), true),
  /** Also give the average precision of each class, as `<class>_AP50`. Default false. */
  classwise: z._default(z.boolean(), false),
  prefix: z.optional(z.string()),
});
export interface VOCMetricOptions extends z.input<typeof vocMetricOptions> {}

/**
 * Mean average precision of boxes as PASCAL VOC counts it, from 0 to 1: `pascal_voc/mAP` (the mean over `iouThrs`), `pascal_voc/AP50`, ...
 * The mean is over the classes that have an object to find; 0 when none has.
 *
 * Predictions: a list of `{ predInstances: { bboxes, scores, labels } }`, one a sample; tensors, host arrays or lists. `bboxes` `(N, 4)` are x0, y0, x1, y1,
 * `labels` count from 0 in the order of `metainfo.classes`. Truth: `samples` of the batch, one `{ gtInstances: { bboxes, labels, ignoreFlags? },
 * ignoredInstances? }` a sample, as `PackInputs` makes it, or the same beside `predInstances`, in the same coordinates as the predictions. Finding what is to be ignored counts neither way.
 *
 * Boxes are not kept: memory grows by a few numbers a detection.
 * @throws from `process` `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_BAD_TRUTH`; from `evaluate` `ENGINE_EVALUATOR_LABEL_RANGE`
 */
export class VOCMetric extends BaseMetric<VocResult> {
  static readonly entry = defineMetric<'VOCMetric', typeof vocMetricOptions, VOCMetricOptions>({
    name: 'VOCMetric',
    options: vocMetricOptions,
    create: (options) => new VOCMetric(options),
    module: '@engine/evaluator',
    doc: 'Mean average precision of boxes, as PASCAL VOC counts it.',
  });
  static override readonly defaultPrefix = 'pascal_voc';
  readonly #options: z.output<typeof vocMetricOptions>;
  readonly #iouThrs: readonly number[];

  constructor(options: VOCMetricOptions = {}) {
    super({ prefix: options.prefix });
    this.#options = vocMetricOptions.parse(options);
    this.#iouThrs = [...new Set([this.#options.iouThrs].flat())];
  }

  async process(batch: unknown, predictions: unknown): Promise<void> {
    const { useLegacyCoordinate } = this.#options;
    const classes = (this.datasetMeta?.classes as readonly string[] | undefined)?.length;
    this.results.push(
      ...(await vocResults(batch, predictions, {
        iouThrs: this.#iouThrs,
        extra: useLegacyCoordinate ? 1 : 0,
        classes,
      })),
    );
  }

  computeMetrics(results: readonly VocResult[]): MetricValues {
    const perClass: [string, number][] = [];
    const means = this.#iouThrs.map((thr, t) => {
      const name = `AP${percent(thr)}`;
      const values: number[] = [];
      for (const { label, wanted, ordered } of byClass(results, t)) {
        if (wanted === 0) continue;
        const value = averagePrecision(ordered, wanted, this.#options.evalMode);
        values.push(value);
        perClass.push([`${this.#nameOf(label)}_${name}`, value]);
      }
      return [name, mean(values)] as const;
    });
    return Object.fromEntries([
      ['mAP', mean(means.map(([, value]) => value))],
      ...means,
      ...(this.#options.classwise ? perClass : []),
    ]);
  }

  #nameOf(label: number): string {
    return (this.datasetMeta?.classes as readonly string[] | undefined)?.[label] ?? String(label);
  }
}

interface ClassResult {
  readonly label: number;
  /** Objects to find. */
  readonly wanted: number;
  /** Best first; in the order of the samples where scores are equal. */
  readonly ordered: readonly Outcome[];
}

function byClass(results: readonly VocResult[], t: number): ClassResult[] {
  const labels = new Set(results.flatMap(({ labels: found, wanted }) => [...found, ...wanted]));
  const all = new Map([...labels].map((label) => [label, { wanted: 0, found: [] as [score: number, Outcome][] }]));
  for (const { labels: found, scores, outcomes, wanted } of results) {
    for (const label of wanted) (all.get(label) as { wanted: number }).wanted++;
    for (const [i, label] of found.entries())
      all.get(label)?.found.push([scores[i] as number, outcomes[t]?.[i] as Outcome]);
  }
  return [...all]
    .sort(([a], [b]) => a - b)
    .map(([label, { wanted, found }]) => ({
      label,
      wanted,
      ordered: found.sort(([a], [b]) => b - a).map(([, outcome]) => outcome),
    }));
}

/** 50 for 0.5, 62.5 for 0.625. */
const percent = (thr: number): string => String(Number((thr * 100).toPrecision(12))).padStart(2, '0');

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

declare module '@engine/registry' {
  interface Metrics {
    VOCMetric: typeof VOCMetric;
  }
}
