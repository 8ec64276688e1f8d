// A validation loop of your own: measures on a second set too, with a hook point of its own.
import { DataLoader, type DataLoaderLike } from '@engine/dataset';
import type { EvaluatorLike, MetricValues } from '@engine/evaluator';
import type { IterInfo } from '@engine/hooks';
import type { ConfigOf } from '@engine/registry';
import { defineLoop, type LoopArgs, type LoopRun, ValLoop } from '@engine/runner';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

declare module '@engine/hooks' {
  interface CustomHookPoints {
    afterSecondSetIter: IterInfo;
  }
}

class TwoSets extends ValLoop {
  readonly #second: DataLoaderLike;
  readonly #run: LoopRun;
  readonly #evaluator: EvaluatorLike;

  constructor(second: DataLoaderLike, args: LoopArgs) {
    super({}, args); // refuses to go without an evaluator
    this.#second = second;
    this.#run = args.run;
    this.#evaluator = args.evaluator as EvaluatorLike;
  }

  override async run(): Promise<MetricValues | undefined> {
    const run = this.#run;
    await run.call('beforeVal');
    await run.call('beforeValEpoch');
    run.ctx.model.eval();
    const first = await this.#measure(this.dataloader, (batchIdx, batch) => this.runIter(batchIdx, batch));
    const second = await this.#measure(this.#second, (batchIdx, batch) => this.#secondIter(batchIdx, batch));
    if (run.interrupted) return undefined;
    const renamed = Object.entries(second).map(([name, value]) => [`second/${name}`, value]);
    const metrics: MetricValues = { ...first, ...Object.fromEntries(renamed) };
    run.recordMetrics(metrics);
    await run.call('afterValEpoch', { metrics });
    await run.call('afterVal');
    return metrics;
  }

  async #measure(loader: DataLoaderLike, step: (batchIdx: number, batch: IterInfo['batch']) => Promise<void>) {
    await loader.init();
    let batchIdx = 0;
    for await (const batch of loader.batches()) {
      if (this.#run.interrupted) break;
      await step(batchIdx, batch);
      batchIdx += 1;
    }
    return this.#evaluator.evaluate(loader.dataset.length, this.#run.ctx.communicator);
  }

  async #secondIter(batchIdx: number, batch: IterInfo['batch']): Promise<void> {
    const { ctx } = this.#run;
    const { predictions } = ctx.tidy(() => ctx.model.valStep(batch));
    await this.#evaluator.process(batch, predictions);
    await this.#run.call('afterSecondSetIter', { batchIdx, batch });
    tf.dispose(predictions as tf.TensorContainer);
  }
}

export const TwoSetsValLoop = defineLoop({
  name: 'TwoSetsValLoop',
  options: z.strictObject({
    second: z.custom<ConfigOf<'dataLoader', 'DataLoader'>>((value) => typeof value === 'object'),
  }),
  create: ({ second }, { args, build }) => {
    const config = { type: DataLoader, ...second };
    const loader = build('dataLoader', config as never, { key: 'second', args: { seed: args.run.ctx.seed } });
    return new TwoSets(loader, args);
  },
  doc: 'Validates on two sets.',
});

declare module '@engine/registry' {
  interface Loops {
    TwoSetsValLoop: typeof TwoSetsValLoop;
  }
}
