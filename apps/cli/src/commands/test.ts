import type { CliCommand } from '../command.js';
import { exitCodes } from '../io.js';
import { type RunFlags, runFlags } from '../options.js';

export const command: CliCommand = {
  name: 'test',
  summary: 'measure a checkpoint',
  configure(target, io, finish) {
    runFlags(target)
      .usage('<config> <checkpoint> [options]')
      .argument('<checkpoint>', 'checkpoint file whose weights are measured')
      .description(
        'Measures a checkpoint on the test data of a config, or on its validation data where it has no test data.',
      )
      .option('--tta', "test-time augmentation: the config's ttaPipeline and ttaModel")
      .action(async (file: string, checkpoint: string, flags: RunFlags & { readonly tta?: true }) => {
        const { prepareRun } = await import('../prepare-run.js');
        const runner = await prepareRun(file, { ...flags, checkpoint }, io);
        try {
          await runner.test();
          finish(runner.stoppedBy === undefined ? exitCodes.done : exitCodes[runner.stoppedBy]);
        } finally {
          await runner.dispose();
        }
      });
  },
};
