import type { Entry } from '@engine/core';
import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';

const share = z.number().check(z.gte(0), z.lte(1));
const lionOptions = z.strictObject({
  /** Learning rate; a third to a tenth of AdamW's. */
  lr: z._default(z.number().check(z.positive()), 1e-4),
  /** Shares of the average in the direction, and in the next average. */
  betas: z._default(z.tuple([share, share]), [0.9, 0.99]),
  /** Weights shrink by `lr * weightDecay`. */
  weightDecay: z._default(nonnegative(), 0),
  /** Divide `weightDecay` by the learning rate that the optimizer started with. */
  decoupledWeightDecay: z._default(z.boolean(), false),
});

export interface LionOptions extends z.input<typeof lionOptions> {}
type Fields = z.output<typeof lionOptions>;
type Hyper = 'descent' | 'mix' | 'intakeMix' | 'keep' | 'intake' | 'shrink';
type Slot = 'expAvg';

declare module '@engine/registry' {
  interface Optimizers {
    Lion: typeof Lion;
  }
}

/**
 * Lion (Chen et al., 2023), as in lion-pytorch: `p = p (1 - lr wd) - lr sign(b1 m + (1 - b1) g)`, `m = b2 m + (1 - b2) g`.
 *
 * Options: `lr` 1e-4, `betas` [0.9, 0.99], `weightDecay` 0, `decoupledWeightDecay` false. State: `expAvg`.
 */
export class Lion extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'Lion', LionOptions> = defineOptimizer<
    'Lion',
    typeof lionOptions,
    LionOptions
  >({
    name: 'Lion',
    options: lionOptions,
    create: (options, { args }) => new Lion(args.params, options),
    module: '@engine/optim',
    doc: 'Lion: steps of one size, in the direction of the sign of a momentum.',
  });

  constructor(params: OptimizerParams, options: LionOptions = {}) {
    super(params, options, { name: 'Lion', schema: lionOptions });
  }

  /** Nothing but the average goes from one step to the next. */
  protected override get countsSteps(): boolean {
    return false;
  }

  protected override slotsOf(): readonly Slot[] {
    return ['expAvg'];
  }

  protected override hyperParameters({
    lr,
    betas: [mix, keep],
    weightDecay,
    decoupledWeightDecay,
  }: Fields): Record<Hyper, number> {
    const decay = decoupledWeightDecay ? weightDecay / this.defaults.lr : weightDecay;
    return { descent: -lr, mix, intakeMix: 1 - mix, keep, intake: 1 - keep, shrink: 1 - lr * decay };
  }

  protected override update(
    { value, grad, slots, hyper }: UpdateInput<Hyper, Slot>,
    { weightDecay }: Fields,
  ): UpdateResult<Slot> {
    const start = weightDecay === 0 ? value : tf.mul(value, hyper.shrink);
    const direction = tf.sign(multiplyAdd(tf.mul(slots.expAvg, hyper.mix), grad, hyper.intakeMix));
    const expAvg = multiplyAdd(tf.mul(slots.expAvg, hyper.keep), grad, hyper.intake);
    return { value: multiplyAdd(start, direction, hyper.descent), slots: { expAvg } };
  }
}
