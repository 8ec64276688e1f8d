import type { CliCommand } from '../../command.js';
import { cfgOptionsFlag } from '../../options.js';
import type { PrintFlags } from '../../print-config.js';

export const command: CliCommand = {
  name: 'print',
  summary: 'print a config with everything it extends merged in',
  configure(target, io, finish) {
    target
      .usage('<config...> [options]')
      .description(
        'Prints a config with everything it extends merged in, as YAML. Of several configs each is one line of JSON.',
      )
      .argument('[configs...]', 'Python, TypeScript, JavaScript, JSON, YAML or TOML files')
      .option('--json', 'print JSON; of a .py file with tuples, floats and None kept apart')
      .option('--yaml', 'print YAML')
      .option('--py', 'print Python, as MMEngine dumps it')
      .option('--ts', 'print TypeScript')
      .option('--toml', 'print TOML, which has no null')
      .option(
        '--stdin',
        'read the names of the configs from standard input, one a line; print one line of JSON for each',
      )
      .option(
        '--package-path <folders>',
        'where the packages of `package::path` bases lie; several folders with : between',
      );
    cfgOptionsFlag(target).action(async (files: string[], flags: PrintFlags) => {
      const { printConfigs } = await import('../../print-config.js');
      finish(await printConfigs(files, flags, io));
    });
  },
};
