import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { averagingShape, BaseAveragedModel } from './base-averaged-model.js';
import type { Averageable } from './contract.js';
import { defineAveragedModel } from './define-averaged-model.js';

const stochasticWeightAverageOptions = z.strictObject(averagingShape);
export interface StochasticWeightAverageOptions extends z.input<typeof stochasticWeightAverageOptions> {}

declare module '@engine/registry' {
  interface AveragedModels {
    StochasticWeightAverage: typeof StochasticWeightAverage;
  }
}

/** The plain mean of the weights of every `interval`-th update (Izmailov et al., 2018). */
export class StochasticWeightAverage extends BaseAveragedModel {
  static readonly entry: Entry<'averagedModel', 'StochasticWeightAverage', StochasticWeightAverageOptions> =
    defineAveragedModel<
      'StochasticWeightAverage',
      typeof stochasticWeightAverageOptions,
      StochasticWeightAverageOptions
    >({
      name: 'StochasticWeightAverage',
      options: stochasticWeightAverageOptions,
      create: (options, { args }) => new StochasticWeightAverage(args.model, options),
      module: '@engine/model',
      doc: 'Averages weights with equal shares.',
    });

  constructor(model: Averageable | (() => Averageable), options: StochasticWeightAverageOptions = {}) {
    super(model, parseOptions(stochasticWeightAverageOptions, options, { subject: 'StochasticWeightAverage' }).value);
  }

  protected override readonly goesForwards = true;

  protected override weightAt(steps: number): number {
    return 1 / (Math.floor(steps / this.interval) + 1);
  }
}
