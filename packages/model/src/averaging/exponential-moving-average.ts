import type { BuildContext, Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { averagingShape, BaseAveragedModel } from './base-averaged-model.js';
import type { Averageable } from './contract.js';
import { defineAveragedModel } from './define-averaged-model.js';

const shape = {
  /** Share of the new value at each update: small, unlike an optimizer's momentum. */
  momentum: z._default(z.number().check(z.gt(0), z.lt(1)), 0.0002),
  ...averagingShape,
};
const exponentialMovingAverageOptions = z.strictObject(shape);
const momentumAnnealingOptions = z.strictObject({
  ...shape,
  /** Updates for which the share is large: it is `gamma / (gamma + steps)` until that is below `momentum`. */
  gamma: z._default(z.number().check(z.gt(0)), 100),
});
export interface ExponentialMovingAverageOptions extends z.input<typeof exponentialMovingAverageOptions> {}
export interface MomentumAnnealingEMAOptions extends z.input<typeof momentumAnnealingOptions> {}

declare module '@engine/registry' {
  interface AveragedModels {
    ExponentialMovingAverage: typeof ExponentialMovingAverage;
    MomentumAnnealingEMA: typeof MomentumAnnealingEMA;
  }
}

/** `average = (1 - momentum) average + momentum value`. */
export class ExponentialMovingAverage extends BaseAveragedModel {
  static readonly entry: Entry<'averagedModel', 'ExponentialMovingAverage', ExponentialMovingAverageOptions> =
    defineAveragedModel<
      'ExponentialMovingAverage',
      typeof exponentialMovingAverageOptions,
      ExponentialMovingAverageOptions
    >({
      name: 'ExponentialMovingAverage',
      options: exponentialMovingAverageOptions,
      create: (options, ctx) => {
        warnOfLargeMomentum(options.momentum, ctx);
        return new ExponentialMovingAverage(ctx.args.model, options);
      },
      module: '@engine/model',
      doc: 'Averages weights exponentially.',
    });
  readonly momentum: number;

  constructor(model: Averageable | (() => Averageable), options: ExponentialMovingAverageOptions = {}) {
    const { momentum, ...rest } = parseOptions(exponentialMovingAverageOptions, options, {
      subject: 'ExponentialMovingAverage',
    }).value;
    super(model, rest);
    this.momentum = momentum;
  }

  protected override weightAt(): number {
    return this.momentum;
  }
}

/** An exponential average that follows the weights closely at first: the share is `max(momentum, gamma / (gamma + steps))`. */
export class MomentumAnnealingEMA extends BaseAveragedModel {
  static readonly entry: Entry<'averagedModel', 'MomentumAnnealingEMA', MomentumAnnealingEMAOptions> =
    defineAveragedModel<'MomentumAnnealingEMA', typeof momentumAnnealingOptions, MomentumAnnealingEMAOptions>({
      name: 'MomentumAnnealingEMA',
      options: momentumAnnealingOptions,
      create: (options, ctx) => {
        warnOfLargeMomentum(options.momentum, ctx);
        return new MomentumAnnealingEMA(ctx.args.model, options);
      },
      module: '@engine/model',
      doc: 'Averages weights exponentially, with a larger share at first.',
    });
  readonly momentum: number;
  readonly gamma: number;

  constructor(model: Averageable | (() => Averageable), options: MomentumAnnealingEMAOptions = {}) {
    const { momentum, gamma, ...rest } = parseOptions(momentumAnnealingOptions, options, {
      subject: 'MomentumAnnealingEMA',
    }).value;
    super(model, rest);
    this.momentum = momentum;
    this.gamma = gamma;
  }

  protected override weightAt(steps: number): number {
    return Math.max(this.momentum, this.gamma / (this.gamma + steps));
  }
}

function warnOfLargeMomentum(momentum: number, { logger, path }: BuildContext<'averagedModel'>): void {
  if (momentum <= 0.5) return;
  logger.warn(
    `${path}: momentum = ${momentum} is the share of the new weights in an average, usually below 0.01; an optimizer's momentum is meant otherwise.`,
  );
}
