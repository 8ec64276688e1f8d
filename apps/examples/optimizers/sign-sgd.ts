// An update rule of your own: a step of fixed size against the sign of each gradient.
import {
  BaseOptimizer,
  defineOptimizer,
  type OptimizerParams,
  type UpdateInput,
  type UpdateResult,
} from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

const options = z.strictObject({
  lr: z._default(z.number().check(z.nonnegative()), 1e-3),
  decay: z._default(z.number().check(z.nonnegative(), z.lt(1)), 0.9),
});
type Fields = z.output<typeof options>;
type Hyper = 'descent' | 'decay' | 'intake';

export class SignSGD extends BaseOptimizer<Fields, Hyper, 'average'> {
  static readonly entry = defineOptimizer({
    name: 'SignSGD',
    options,
    create: (given, { args }) => new SignSGD(args.params, given),
    doc: 'Steps against the sign of a running average of the gradient.',
  });

  constructor(params: OptimizerParams, given: z.input<typeof options> = {}) {
    super(params, given, { name: 'SignSGD', schema: options });
  }

  /** State tensors of each parameter: zero at first, saved and resumed. */
  protected override slotsOf(): readonly 'average'[] {
    return ['average'];
  }

  /** What changes from step to step reaches the device as a scalar; groups and schedules act here. */
  protected override hyperParameters({ lr, decay }: Fields): Record<Hyper, number> {
    return { descent: -lr, decay, intake: 1 - decay };
  }

  protected override update(input: UpdateInput<Hyper, 'average'>): UpdateResult<'average'> {
    const { value, grad, slots, hyper } = input;
    const average = tf.add(tf.mul(slots.average, hyper.decay), tf.mul(grad, hyper.intake));
    return { value: tf.add(value, tf.mul(tf.sign(average), hyper.descent)), slots: { average } };
  }
}

declare module '@engine/registry' {
  interface Optimizers {
    SignSGD: typeof SignSGD;
  }
}
