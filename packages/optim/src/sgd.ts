import type { Entry } from '@engine/core';
import { momentumStep, multiplyAdd } from '@engine/core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { checkNesterov, momentumOf } from './momentum.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { slopeOf } from './slope.js';

const sgdOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-3),
  momentum: z._default(nonnegative(), 0),
  /** Share of the gradient that momentum does not take up; not applied to the first update. */
  dampening: z._default(z.number(), 0),
  /** L2 penalty, added to the gradient. */
  weightDecay: z._default(nonnegative(), 0),
  nesterov: z._default(z.boolean(), false),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface SGDOptions extends z.input<typeof sgdOptions> {}
type Fields = z.output<typeof sgdOptions>;
type Hyper = 'descent' | 'momentum' | 'intake' | 'weightDecay';

declare module '@engine/registry' {
  interface Optimizers {
    SGD: typeof SGD;
  }
}

/**
 * Stochastic gradient descent with momentum, as in PyTorch: `b = momentum b + (1 - dampening) g`, `p = p - lr b`.
 *
 * Options: `lr` 1e-3, `momentum` 0, `dampening` 0, `weightDecay` 0, `nesterov` false, `maximize` false. State: `momentumBuffer`.
 */
export class SGD extends BaseOptimizer<Fields, Hyper, 'momentumBuffer'> {
  static readonly entry: Entry<'optimizer', 'SGD', SGDOptions> = defineOptimizer<'SGD', typeof sgdOptions, SGDOptions>({
    name: 'SGD',
    options: sgdOptions,
    create: (options, { args }) => new SGD(args.params, options),
    module: '@engine/optim',
    doc: 'Stochastic gradient descent, with momentum and weight decay if asked for.',
  });

  /** @throws `ENGINE_OPTIM_NESTEROV` besides what every optimizer throws */
  constructor(params: OptimizerParams, options: SGDOptions = {}) {
    super(params, options, { name: 'SGD', schema: sgdOptions, check: checkNesterov('SGD') });
  }

  /** Only the first update differs, and a saved buffer tells that it is over. */
  protected override get countsSteps(): boolean {
    return false;
  }

  protected override slotsOf({ momentum }: Fields): readonly 'momentumBuffer'[] {
    return momentum === 0 ? [] : ['momentumBuffer'];
  }

  protected override hyperParameters(group: Fields, step: number): Record<Hyper, number> {
    return {
      descent: -group.lr,
      momentum: group.momentum,
      intake: step === 1 ? 1 : 1 - group.dampening,
      weightDecay: group.weightDecay,
    };
  }

  protected override update(
    input: UpdateInput<Hyper, 'momentumBuffer'>,
    group: Fields,
  ): UpdateResult<'momentumBuffer'> {
    const { value, slots, hyper, inPlace } = input;
    const slope = slopeOf(input, group);
    if (group.momentum === 0) return { value: multiplyAdd(value, slope, hyper.descent), slots: {} };
    if (group.dampening === 0) {
      const { momentum, descent } = hyper;
      const inputs = { value, buffer: slots.momentumBuffer, slope, momentum, descent };
      const next = momentumStep(inputs, { nesterov: group.nesterov, inPlace });
      return { value: next.value, slots: { momentumBuffer: next.buffer } };
    }
    const { direction, momentumBuffer } = momentumOf(slope, slots.momentumBuffer, { group, hyper });
    return { value: multiplyAdd(value, direction, hyper.descent), slots: { momentumBuffer } };
  }
}
