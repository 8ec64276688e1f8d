import type { CliCommand } from '../../command.js';

export const command: CliCommand = {
  name: 'remove',
  summary: 'remove an installed library, and what broken-off installations have left',
  configure(target, io) {
    target.argument('<name>', 'node or cuda').action(async (name: string) => {
      const { flavourOf, here, removeLibrary } = await import('@engine/native/install');
      const gone = await removeLibrary(flavourOf(name), here());
      if (gone.length === 0) io.stdout.write(`No library for ${name} is installed.\n`);
      for (const { folder, bytes } of gone) io.stdout.write(`Removed ${folder}, ${(bytes / 1e9).toFixed(2)} GB\n`);
    });
  },
};
