import type { CliCommand } from '../../command.js';

export const command: CliCommand = {
  name: 'average',
  summary: 'write the mean of the weights of several checkpoints',
  configure(target, io) {
    target
      .description(
        'Writes a checkpoint whose weights and buffers are the mean of those of others; whole numbers, and what is said about the ' +
          'run, come from the last. It can be loaded and tested; training cannot be resumed from it.',
      )
      .argument('<files...>', 'checkpoints of one model')
      .requiredOption('--out <file>', 'where the mean goes')
      .action(async (files: string[], { out }: { out: string }) => {
        const { averageCheckpoints } = await import('../../checkpoint/average-checkpoints.js');
        await averageCheckpoints(files, out, io.cwd);
        io.stdout.write(`${out}: the mean of ${files.length} checkpoints\n`);
      });
  },
};
