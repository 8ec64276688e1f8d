import type { Entry } from '@engine/core';
import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';

const rpropOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-2),
  /** Factors of a step size when the gradient changes its sign, and when it keeps it. */
  etas: z._default(z.tuple([z.number().check(z.gt(0), z.lt(1)), z.number().check(z.gt(1))]), [0.5, 1.2]),
  /** Smallest and largest step size. */
  stepSizes: z._default(z.tuple([z.number(), z.number()]), [1e-6, 50]),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface RpropOptions extends z.input<typeof rpropOptions> {}
type Fields = z.output<typeof rpropOptions>;
type Hyper = 'start' | 'etaMinus' | 'etaPlus' | 'smallest' | 'largest';
type Slot = 'prev' | 'stepSize';

declare module '@engine/registry' {
  interface Optimizers {
    Rprop: typeof Rprop;
  }
}

/**
 * Rprop (Riedmiller and Braun, 1993), as in PyTorch. `lr` is the first step size of every element.
 *
 * Options: `lr` 1e-2, `etas` [0.5, 1.2], `stepSizes` [1e-6, 50], `maximize` false. State: `prev`, `stepSize`, counter `step`.
 */
export class Rprop extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'Rprop', RpropOptions> = defineOptimizer<
    'Rprop',
    typeof rpropOptions,
    RpropOptions
  >({
    name: 'Rprop',
    options: rpropOptions,
    create: (options, { args }) => new Rprop(args.params, options),
    module: '@engine/optim',
    doc: 'Resilient backpropagation: each element has a step size of its own, only signs of gradients count. For full batches.',
  });

  constructor(params: OptimizerParams, options: RpropOptions = {}) {
    super(params, options, { name: 'Rprop', schema: rpropOptions });
  }

  protected override slotsOf(): readonly Slot[] {
    return ['prev', 'stepSize'];
  }

  protected override hyperParameters({ lr, etas, stepSizes }: Fields, step: number): Record<Hyper, number> {
    return {
      start: step === 1 ? lr : 0,
      etaMinus: etas[0],
      etaPlus: etas[1],
      smallest: stepSizes[0],
      largest: stepSizes[1],
    };
  }

  protected override update(
    { value, grad, slots, hyper }: UpdateInput<Hyper, Slot>,
    group: Fields,
  ): UpdateResult<Slot> {
    const slope = group.maximize ? tf.neg(grad) : grad;
    const agreement = tf.sign(tf.mul(slope, slots.prev));
    const [kept, turned] = [tf.relu(agreement), tf.relu(tf.neg(agreement))];
    const unknown = tf.sub(1, tf.abs(agreement));
    const factor = tf.add(multiplyAdd(tf.mul(kept, hyper.etaPlus), turned, hyper.etaMinus), unknown);
    const grown = tf.mul(tf.add(slots.stepSize, hyper.start), factor);
    const stepSize = tf.minimum(tf.maximum(grown, hyper.smallest), hyper.largest);
    const prev = tf.mul(slope, tf.sub(1, turned));
    return { value: multiplyAdd(value, tf.sign(prev), tf.neg(stepSize)), slots: { prev, stepSize } };
  }
}
