import type { CliCommand } from '../command.js';
import { exitCodes } from '../io.js';
import { type RunFlags, runFlags } from '../options.js';

interface TrainFlags extends RunFlags {
  readonly resume?: string | true;
  readonly loadFrom?: string;
}

export const command: CliCommand = {
  name: 'train',
  summary: 'train a model from a config',
  configure(target, io, finish) {
    runFlags(target)
      .usage('<config> [options]')
      .description('Trains a model from a config. Ctrl-C saves a checkpoint and stops; --resume goes on from there.')
      .option('--resume [path]', 'continue from a checkpoint; without a path from the last one of the work dir')
      .option(
        '--load-from <path>',
        'start from the weights of a checkpoint: a path, or https://..., which is kept in the cache',
      )
      .action(async (file: string, flags: TrainFlags) => {
        const { prepareRun } = await import('../prepare-run.js');
        const runner = await prepareRun(file, flags, io);
        try {
          const { stoppedBy } = await runner.train();
          finish(stoppedBy === undefined ? exitCodes.done : exitCodes[stoppedBy]);
        } finally {
          await runner.dispose();
        }
      });
  },
};
