// A training loop of your own: each batch is trained on twice.
import { defineLoop, EpochBasedTrainLoop } from '@engine/runner';
import * as z from 'zod/mini';

class TwiceTrainLoop extends EpochBasedTrainLoop {
  override readonly stepsPerBatch = 2;
}

export const TwiceLoop = defineLoop({
  name: 'TwiceLoop',
  options: z.strictObject({ maxEpochs: z.int(), valInterval: z._default(z.int(), 1) }),
  create: (options, { args }) => new TwiceTrainLoop(options, args),
  doc: 'Trains on each batch twice.',
});

declare module '@engine/registry' {
  interface Loops {
    TwiceLoop: typeof TwiceLoop;
  }
}
