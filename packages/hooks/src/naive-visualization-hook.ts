import { type HostArray, hostArray, isHostArray } from '@engine/core';
import { parseOptions } from '@engine/registry';
import type { AnnotatedSample } from '@engine/visualization';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { EvalIterInfo, Hook } from './hook.js';
import type { RunContext } from './run-context.js';

const naiveVisualizationHookOptions = z.strictObject({
  /** Batches of a test between those that are shown. */
  interval: z._default(z.int().check(z.positive()), 1),
  drawGt: z._default(z.boolean(), true),
  drawPred: z._default(z.boolean(), true),
});
export interface NaiveVisualizationHookOptions extends z.input<typeof naiveVisualizationHookOptions> {}

/**
 * Shows the pictures of a test with what is known and predicted of them, as `test_img_<number>`. Pictures are `inputs` of the batch, `(H, W, C)` with
 * 1, 3 or 4 channels: uint8 as they are, floats from 0 to 1 or to 255. Predictions are data samples, or a pair of logits `(N, K)` and labels `(N)`.
 */
export class NaiveVisualizationHook implements Hook {
  static readonly entry = defineHook<
    'NaiveVisualizationHook',
    typeof naiveVisualizationHookOptions,
    NaiveVisualizationHookOptions
  >({
    name: 'NaiveVisualizationHook',
    options: naiveVisualizationHookOptions,
    create: (options) => new NaiveVisualizationHook(options),
    module: '@engine/hooks',
    doc: 'Shows the pictures of a test with what is known and predicted of them.',
  });
  readonly name = 'NaiveVisualizationHook';
  readonly #options: z.output<typeof naiveVisualizationHookOptions>;
  #shown = 0;

  constructor(options: NaiveVisualizationHookOptions = {}) {
    this.#options = parseOptions(naiveVisualizationHookOptions, options, { subject: 'NaiveVisualizationHook' }).value;
  }

  beforeTest({ visualizer, logger }: RunContext): void {
    this.#shown = 0;
    if (visualizer.addDatasample === undefined)
      logger.warn('NaiveVisualizationHook: the visualizer does not draw samples.');
  }

  async afterTestIter(ctx: RunContext, { batchIdx, batch, predictions }: EvalIterInfo): Promise<void> {
    const { interval, drawGt, drawPred } = this.#options;
    if (!ctx.everyNInnerIters(batchIdx, interval)) return;
    const images = imagesOf(batch.inputs);
    const samples = await samplesOf(predictions);
    for (const [i, image] of images.entries()) {
      const dataSample = samples[i];
      if (image === undefined || dataSample === undefined) continue;
      await ctx.visualizer.addDatasample?.(`test_img_${this.#shown}`, image, {
        dataSample,
        drawGt,
        drawPred,
        step: this.#shown,
      });
      this.#shown += 1;
    }
  }
}

/** The pictures of a batch; undefined for what is none. */
function imagesOf(inputs: unknown): readonly (HostArray<'uint8'> | undefined)[] {
  if (Array.isArray(inputs)) return inputs.map(imageOf);
  if (!isHostArray(inputs) || inputs.shape.length !== 4) return [];
  const [count = 0, ...shape] = inputs.shape;
  const size = inputs.data.length / count;
  return Array.from({ length: count }, (_, i) =>
    imageOf({ ...inputs, shape, data: inputs.data.subarray(i * size, (i + 1) * size) }),
  );
}

function imageOf(value: unknown): HostArray<'uint8'> | undefined {
  if (!isHostArray(value) || value.shape.length !== 3 || ![1, 3, 4].includes(value.shape[2] ?? 0)) return undefined;
  const { dtype, shape, data } = value;
  if (dtype === 'uint8') return value as HostArray<'uint8'>;
  const numbers = Array.from(data as ArrayLike<number>, Number);
  const scale = numbers.every((number) => number <= 1) ? 255 : 1;
  return hostArray(
    'uint8',
    shape,
    Uint8Array.from(numbers, (number) => Math.max(0, Math.min(255, number * scale))),
  );
}

async function samplesOf(predictions: unknown): Promise<readonly AnnotatedSample[]> {
  if (!Array.isArray(predictions)) return [];
  const [logits, labels] = predictions as readonly unknown[];
  if (!(logits instanceof tf.Tensor) || logits.rank !== 2) return predictions as readonly AnnotatedSample[];
  const [scores, truth] = await Promise.all([
    logits.array() as Promise<number[][]>,
    labels instanceof tf.Tensor ? (labels.array() as Promise<number[]>) : [],
  ]);
  return scores.map((row, i) => ({ predLabel: row.indexOf(Math.max(...row)), gtLabel: truth[i] }));
}

declare module '@engine/registry' {
  interface Hooks {
    NaiveVisualizationHook: typeof NaiveVisualizationHook;
  }
}
