// A runner of your own: says what it is about to do, and stops where the machine is too small.
import { defineRunner, Runner, type Runtime, type TrainResult } from '@engine/runner';

export class CarefulRunner extends Runner {
  started = 0;

  protected override setUpEnv({ platform }: Runtime) {
    if (platform.cpuCount() < 1) throw new Error('no processor');
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
