import { TensorOwner, tensorScope } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook } from './hook.js';
import type { RunContext } from './run-context.js';

const histogramHookOptions = z.strictObject({
  /** Iterations between histograms. */
  interval: z._default(z.int().check(z.positive()), 100),
  parameters: z._default(z.boolean(), true),
  gradients: z._default(z.boolean(), true),
  /** Names that contain this alone; default all. */
  only: z.optional(z.union([z.string(), z.array(z.string())])),
});
export interface HistogramHookOptions extends z.input<typeof histogramHookOptions> {}

/**
 * Shows how weights and gradients are spread, as `parameters/<name>` and `gradients/<name>`, in the backends of the visualizer that have
 * histograms. Weights are those after the step; gradients those of the iteration's own batch.
 */
export class HistogramHook implements Hook {
  static readonly entry = defineHook<'HistogramHook', typeof histogramHookOptions, HistogramHookOptions>({
    name: 'HistogramHook',
    options: histogramHookOptions,
    create: (options) => new HistogramHook(options),
    module: '@engine/hooks',
    doc: 'Shows how weights and gradients are spread.',
  });
  readonly name = 'HistogramHook';
  readonly #options: z.output<typeof histogramHookOptions>;
  readonly #gradients = new TensorOwner();
  #names: string[] = [];
  #isDue = false;
  #stop: (() => void) | undefined;

  constructor(options: HistogramHookOptions = {}) {
    this.#options = parseOptions(histogramHookOptions, options, { subject: 'HistogramHook' }).value;
  }

  get ownedTensors(): number {
    return this.#gradients.size;
  }

  beforeTrain({ optimWrapper, visualizer, logger }: RunContext): void {
    if (visualizer.addHistogram === undefined) logger.warn('HistogramHook: the visualizer has no histograms.');
    if (!this.#options.gradients) return;
    this.#stop = optimWrapper?.onGradients?.((grads) => {
      if (this.#isDue) for (const [name, grad] of grads) this.#keep(name, grad);
    });
  }

  beforeTrainIter(ctx: RunContext): void {
    this.#isDue = ctx.everyNTrainIters(this.#options.interval);
  }

  async afterTrainIter({ parameters, visualizer, iter }: RunContext): Promise<void> {
    if (!this.#isDue) return;
    this.#isDue = false;
    const shown: [string, tf.Tensor][] = this.#names.map((name) => [
      `gradients/${name}`,
      this.#gradients.get(name) as tf.Tensor,
    ]);
    if (this.#options.parameters)
      for (const [name, { value }] of parameters) if (this.#isWanted(name)) shown.push([`parameters/${name}`, value]);
    const read = await Promise.all(
      shown.map(async ([name, tensor]) => [name, await tensor.data<'float32'>()] as const),
    );
    this.#free();
    for (const [name, values] of read) await visualizer.addHistogram?.(name, values, iter + 1);
  }

  afterTrain(): void {
    this.dispose();
  }
  afterRun(): void {
    this.dispose();
  }

  dispose(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#free();
  }

  /** A copy: gradients are freed with the scope that they come in. */
  #keep(name: string, grad: tf.Tensor): void {
    if (!this.#isWanted(name)) return;
    this.#gradients.keep(
      name,
      tensorScope(() => tf.clone(grad)),
    );
    if (!this.#names.includes(name)) this.#names.push(name);
  }

  #free(): void {
    this.#gradients.dispose();
    this.#names = [];
  }

  #isWanted(name: string): boolean {
    const { only } = this.#options;
    return only === undefined || [only].flat().some((part) => name.includes(part));
  }
}

declare module '@engine/registry' {
  interface Hooks {
    HistogramHook: typeof HistogramHook;
  }
}
