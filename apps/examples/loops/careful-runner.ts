// A runner of your own: notes what the machine has before anything is built, and validates once more.
import { defineRunner, Runner, type Runtime, type TrainResult } from '@engine/runner';

export class CarefulRunner extends Runner {
  started = 0;
  processors = 0;

  protected override setUpEnv({ platform }: Runtime) {
    this.processors = platform.cpuCount();
  }

  override async train(): Promise<TrainResult> {
    this.started += 1;
    const result = await super.train();
    if (result.stoppedBy === undefined && result.metrics !== undefined) await this.val(); // once more, with the last weights
    return result;
  }
}

/** For configs: `runnerType: 'CarefulRunner'` once registered. */
export const careful = defineRunner({
  name: 'CarefulRunner',
  create: ({ options, runtime }) => new CarefulRunner(options, runtime),
  doc: 'Validates once more after training.',
});
