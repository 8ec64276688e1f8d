import type { CliCommand } from '../command.js';
import type { MigrateFlags } from '../migrate.js';

export const command: CliCommand = {
  name: 'migrate',
  summary: 'turn an OpenMMLab config (MMEngine, or MMCV 1.x) into a typed TypeScript one',
  configure(target, io) {
    target
      .argument('<file>', 'a Python config; its style is detected')
      .option('--out <file>', 'write there, and what it extends beside it (default: print it)')
      .option('--force', 'replace the file that is there')
      .addHelpText(
        'after',
        [
          '',
          'Comments and expressions are kept, bases become imports, keys that the engine declares are spelt in camelCase.',
          'What has no counterpart is told as FILE:LINE on the error output.',
        ].join('\n'),
      )
      .action(async (file: string, flags: MigrateFlags) => {
        const { migrate } = await import('../migrate.js');
        await migrate(file, flags, io);
      });
  },
};
