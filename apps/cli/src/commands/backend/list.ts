import type { CliCommand } from '../../command.js';

export const command: CliCommand = {
  name: 'list',
  summary: 'list the libraries that are installed, with their sizes',
  configure(target, io) {
    target.option('--json', 'print JSON').action(async ({ json }: { json?: true }) => {
      const { cacheFolder, here, listLibraries } = await import('@engine/native/install');
      const cache = cacheFolder(here());
      const libraries = listLibraries(cache);
      if (json) io.stdout.write(`${JSON.stringify(libraries, null, 2)}\n`);
      else if (libraries.length === 0)
        io.stdout.write(`No library in ${cache}. Install one: engine backend install node\n`);
      else
        for (const { flavour, version, bytes, folder } of libraries)
          io.stdout.write(`${flavour.padEnd(6)}TensorFlow ${version}  ${(bytes / 1e9).toFixed(2)} GB  ${folder}\n`);
    });
  },
};
