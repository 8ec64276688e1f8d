import type { CliCommand } from '../../command.js';
import { cfgOptionsFlag } from '../../options.js';

interface Flags {
  readonly json?: true;
  readonly cfgOptions?: readonly string[];
}

export const command: CliCommand = {
  name: 'check',
  summary: 'find everything that is wrong with configs, without running them',
  configure(target, io, finish) {
    target
      .usage('<config...> [options]')
      .description(
        'Finds everything that is wrong with configs: misspelt keys, unknown names, options of the wrong type. Nothing is built and no data is read. Exits with 2 when there are problems.',
      )
      .argument('<configs...>', 'TypeScript, JavaScript, Python, JSON, YAML or TOML files')
      .option('--json', 'print the problems as JSON');
    cfgOptionsFlag(target).action(async (files: string[], flags: Flags) => {
      const { checkConfigs } = await import('../../check-configs.js');
      finish(await checkConfigs(files, { json: flags.json === true, cfgOptions: flags.cfgOptions ?? [] }, io));
    });
  },
};
