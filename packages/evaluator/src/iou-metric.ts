import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { notAClass, predictionPair } from './predictions.js';
import { meanOfNumbers } from './ranking.js';
import { StreamingMetric } from './streaming-metric.js';

const MEASURES = ['mIoU', 'mDice', 'mFscore'] as const;

const iouOptions = z.strictObject({
  /** `mIoU` gives mIoU, `mDice` gives mDice, `mFscore` gives mFscore, mPrecision and mRecall; each also aAcc and mAcc. Default: mIoU. */
  iouMetrics: z._default(z.array(z.enum(MEASURES)).check(z.minLength(1)), ['mIoU']),
  /** Pixels of this label count nowhere. Default 255. */
  ignoreIndex: z._default(z.int(), 255),
  /** Number of classes; needed only where predictions are label maps, else taken from the scores. */
  numClasses: z.optional(z.int().check(z.positive())),
  /** Weight of precision in mFscore. Default 1. */
  beta: z._default(z.number().check(z.positive()), 1),
  /** Also give a list with one value a class, as `IoU_classwise` and so on. Default false. */
  classwise: z._default(z.boolean(), false),
  prefix: z.optional(z.string()),
});
export interface IoUMetricOptions extends z.input<typeof iouOptions> {}
type Settings = z.output<typeof iouOptions>;

/** Pixels of one image, as C right ones, C predicted ones and C labelled ones. */
type Areas = Float64Array;

/**
 * Intersection over union, Dice and F-score of segmentation maps over the whole dataset, in percent.
 *
 * Predictions: `[maps, labels]`; maps are scores float32 `(N, H, W, C)` or labels int32 `(N, H, W)`, labels int32 `(N, H, W)`.
 * IoU = right / (predicted + labelled - right), Dice = 2 right / (predicted + labelled), aAcc = all right / all labelled,
 * mAcc = mean of right / labelled. Classes that neither occur nor are predicted are left out of means (the reference's `nanmean`).
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_LABEL_RANGE` from `process`; see {@link StreamingMetric} for `evaluate`
 */
export class IoUMetric extends StreamingMetric<Areas> {
  static readonly entry = defineMetric<'IoUMetric', typeof iouOptions, IoUMetricOptions>({
    name: 'IoUMetric',
    options: iouOptions,
    create: (options) => new IoUMetric(options),
    module: '@engine/evaluator',
    doc: 'Intersection over union, Dice and F-score of segmentation maps.',
  });
  readonly #settings: Settings;

  constructor(options: IoUMetricOptions = {}) {
    super({ prefix: options.prefix });
    this.#settings = iouOptions.parse(options);
  }

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    const { numClasses, ignoreIndex } = this.#settings;
    const [maps, labels] = predictionPair(predictions, {
      subject: 'IoUMetric',
      expected:
        '[maps, labels]: tensors float32 (N, H, W, C), or int32 (N, H, W) with the option numClasses, and int32 (N, H, W)',
      fits: (first, second) =>
        second.rank === 3 &&
        second.shape.every((n, i) => n === first.shape[i]) &&
        (first.rank === 4 || (first.rank === 3 && first.dtype === 'int32' && numClasses !== undefined)),
    });
    const classes = maps.rank === 4 ? (maps.shape[3] as number) : (numClasses as number);
    const [predicted, wanted] = await Promise.all([labelsOf(maps), labels.data()]);
    const size = labels.size / Math.max(1, labels.shape[0] as number);
    for (let start = 0; start < wanted.length; start += size) {
      const areas = areasOf(
        { predicted: predicted.subarray(start, start + size), wanted: wanted.subarray(start, start + size) },
        { classes, ignoreIndex },
      );
      this.add(areas, areas.length);
    }
  }

  protected count(state: Float64Array, areas: Areas): void {
    for (let i = 0; i < areas.length; i++) state[i] = (state[i] as number) + (areas[i] as number);
  }

  protected computeMetrics(state: Float64Array): MetricValues {
    const classes = state.length / 3;
    const perClass = Array.from({ length: classes }, (_, c) =>
      measuresOf(
        [state[c], state[classes + c], state[2 * classes + c]] as [number, number, number],
        this.#settings.beta,
      ),
    );
    const total = (from: number): number =>
      state.subarray(from * classes, (from + 1) * classes).reduce((a, b) => a + b, 0);
    const names = [...new Set<Measure>([...this.#settings.iouMetrics.flatMap((measure) => GIVES[measure]), 'Acc'])];
    const values: [string, number | (number | null)[]][] = [['aAcc', (100 * total(0)) / total(2)]];
    for (const name of names) {
      const column = perClass.map((measures) => 100 * measures[name]);
      values.push([`m${name}`, meanOfNumbers(column)]);
      if (this.#settings.classwise)
        values.push([`${name}_classwise`, column.map((value) => (Number.isNaN(value) ? null : value))]);
    }
    return Object.fromEntries(values);
  }
}

type Measure = 'IoU' | 'Dice' | 'Acc' | 'Fscore' | 'Precision' | 'Recall';
const GIVES: Readonly<Record<(typeof MEASURES)[number], readonly Measure[]>> = {
  mIoU: ['IoU'],
  mDice: ['Dice'],
  mFscore: ['Fscore', 'Precision', 'Recall'],
};

/** From 0 to 1, NaN where there is nothing to divide by. */
function measuresOf(
  [right, predicted, labelled]: readonly [number, number, number],
  beta: number,
): Record<Measure, number> {
  const [precision, recall] = [right / predicted, right / labelled];
  return {
    IoU: right / (predicted + labelled - right),
    Dice: (2 * right) / (predicted + labelled),
    Acc: recall,
    Fscore: ((1 + beta * beta) * precision * recall) / (beta * beta * precision + recall),
    Precision: precision,
    Recall: recall,
  };
}

async function labelsOf(maps: tf.Tensor): Promise<Int32Array> {
  if (maps.rank === 3) return maps.data<'int32'>();
  const best = tf.argMax(maps, 3);
  try {
    return await best.data<'int32'>();
  } finally {
    best.dispose();
  }
}

function areasOf(
  { predicted, wanted }: { readonly predicted: Int32Array; readonly wanted: ArrayLike<number> },
  { classes, ignoreIndex }: { readonly classes: number; readonly ignoreIndex: number },
): Areas {
  const areas = new Float64Array(3 * classes);
  const add = (place: number): void => void (areas[place] = (areas[place] as number) + 1);
  for (let i = 0; i < predicted.length; i++) {
    const [guess, label] = [predicted[i] as number, wanted[i] as number];
    if (label === ignoreIndex) continue;
    for (const value of [guess, label])
      if (value < 0 || value >= classes) throw notAClass(value, { subject: 'IoUMetric', at: i, classes });
    if (guess === label) add(guess);
    add(classes + guess);
    add(2 * classes + label);
  }
  return areas;
}

declare module '@engine/registry' {
  interface Metrics {
    IoUMetric: typeof IoUMetric;
  }
}
