import type { CliCommand } from '../../command.js';

export const command: CliCommand = {
  name: 'list',
  summary: 'list the libraries that are installed, with their sizes',
  configure(target, io) {
    target.option('--json', 'print JSON').action(async ({ json }: { json?: true }) => {
      const { cacheFolder, here, isTested, listLibraries } = await import('@engine/native/install');
      const { libraryLine } = await import('../../backend/library-line.js');
      const system = here();
      const cache = cacheFolder(system);
      const libraries = listLibraries(cache);
      const marked = libraries.map((library) => ({
        ...library,
        tested: isTested(library.flavour, system.platform, system.arch),
      }));
      if (json) io.stdout.write(`${JSON.stringify(marked, null, 2)}\n`);
      else if (libraries.length === 0)
        io.stdout.write(`No library in ${cache}. Install one: engine backend install node\n`);
      else for (const library of libraries) io.stdout.write(libraryLine(library, system));
    });
  },
};
