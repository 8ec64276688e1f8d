import type { CliCommand } from '../command.js';
import { exitCodes } from '../io.js';
import { type RunFlags, runFlags } from '../options.js';

interface TrainFlags extends RunFlags {
  readonly resume?: string | true;
  readonly allowChanges?: boolean;
  readonly loadFrom?: string;
  readonly amp?: boolean;
  readonly autoScaleLr?: boolean;
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
        '--allow-changes',
        'resume although model, optimizer, schedules, data, seed or hooks have changed; what the checkpoint holds goes on',
      )
      .option(
        '--load-from <path>',
        'start from the weights of a checkpoint: a path, or https://..., which is kept in the cache',
      )
      .option('--amp', 'train in mixed precision: makes optimWrapper an AmpOptimWrapper')
      .option('--auto-scale-lr', "scale the learning rate by batch size / the config's autoScaleLr.baseBatchSize")
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
