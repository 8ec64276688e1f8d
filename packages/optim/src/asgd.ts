import type { Entry } from '@engine/core';
import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { slopeOf } from './slope.js';

const asgdOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-2),
  /** Decay of the parameters. */
  lambd: z._default(nonnegative(), 1e-4),
  /** Power by which the rate falls. */
  alpha: z._default(nonnegative(), 0.75),
  /** Update after which averaging starts. */
  t0: z._default(z.number(), 1e6),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface ASGDOptions extends z.input<typeof asgdOptions> {}
type Fields = z.output<typeof asgdOptions>;
type Hyper = 'descent' | 'shrink' | 'keepAverage' | 'intake' | 'weightDecay';
type Slot = 'ax';

declare module '@engine/registry' {
  interface Optimizers {
    ASGD: typeof ASGD;
  }
}

/**
 * Averaged SGD (Polyak and Juditsky, 1992), as in PyTorch. Rate and share of the average take effect one update after they are computed.
 *
 * Options: `lr` 1e-2, `lambd` 1e-4, `alpha` 0.75, `t0` 1e6, `weightDecay` 0, `maximize` false.
 * State: `ax` (the average), the numbers `eta` and `mu`, counter `step`.
 */
export class ASGD extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'ASGD', ASGDOptions> = defineOptimizer<
    'ASGD',
    typeof asgdOptions,
    ASGDOptions
  >({
    name: 'ASGD',
    options: asgdOptions,
    create: (options, { args }) => new ASGD(args.params, options),
    module: '@engine/optim',
    doc: 'Averaged stochastic gradient descent: keeps a running average of the parameters.',
  });

  constructor(params: OptimizerParams, options: ASGDOptions = {}) {
    super(params, options, { name: 'ASGD', schema: asgdOptions });
  }

  protected override slotsOf(): readonly Slot[] {
    return ['ax'];
  }

  protected override get numberNames(): readonly string[] {
    return ['eta', 'mu'];
  }

  protected override hyperParameters(
    group: Fields,
    step: number,
    numbers: Record<string, number>,
  ): Record<Hyper, number> {
    const { lr, lambd, alpha, t0, weightDecay } = group;
    const eta = step === 1 ? Math.fround(lr) : (numbers['eta'] as number);
    const mu = step === 1 ? 1 : (numbers['mu'] as number);
    numbers['eta'] = lr / (1 + lambd * lr * step) ** alpha;
    numbers['mu'] = 1 / Math.max(1, step - t0);
    return { descent: -eta, shrink: 1 - lambd * eta, keepAverage: 1 - mu, intake: mu, weightDecay };
  }

  protected override update(input: UpdateInput<Hyper, Slot>, group: Fields): UpdateResult<Slot> {
    const { value, slots, hyper } = input;
    const moved = multiplyAdd(tf.mul(value, hyper.shrink), slopeOf(input, group), hyper.descent);
    const ax = multiplyAdd(tf.mul(slots.ax, hyper.keepAverage), moved, hyper.intake);
    return { value: moved, slots: { ax } };
  }
}
