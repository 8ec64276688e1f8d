// A schedule of your own: the REX curve, high for long and steep at the end.
import { BaseParamScheduler, defineParamScheduler, inRun, type Schedulable, windowShape } from '@engine/scheduler';
import * as z from 'zod/mini';

const options = z.strictObject(windowShape);
type Fields = { length: number };

export class RexLR extends BaseParamScheduler<Fields> {
  static readonly entry = defineParamScheduler({
    name: 'RexLR',
    options,
    create: (given, { args }) => new RexLR(args.optimizer, inRun(given, args)),
    doc: 'Decays along the REX curve.',
  });

  constructor(optimizer: Schedulable, window: z.output<typeof options>) {
    super(optimizer, { paramName: 'lr', window, fields: ({ begin, end }) => ({ length: end - begin }) });
  }

  /** From the value in force to the next one, so that a warm-up on the same field still counts. */
  protected override nextValue({ length }: Fields, { current, step }: { current: number; step: number }): number {
    return step === 0 ? current : (current * rex(step / length)) / rex((step - 1) / length);
  }
}

const rex = (progress: number): number => (1 - progress) / (1 - progress / 2);

declare module '@engine/registry' {
  interface ParamSchedulers {
    RexLR: typeof RexLR;
  }
}
