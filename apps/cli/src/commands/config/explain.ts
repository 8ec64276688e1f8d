import type { CliCommand } from '../../command.js';
import { cfgOptionsFlag } from '../../options.js';

interface Flags {
  readonly json?: true;
  readonly cfgOptions?: readonly string[];
}

export const command: CliCommand = {
  name: 'explain',
  summary: 'say which file and line set each value, and what it overrode',
  configure(target, io) {
    target
      .usage('<config> [key] [options]')
      .description('Says for each value of a config which file, line and column set it, and what it overrode.')
      .argument('<config>', 'TypeScript, JavaScript, Python, JSON, YAML or TOML file')
      .argument('[key]', 'only this value, or what is below it: optimWrapper.optimizer.lr')
      .option('--json', 'print JSON');
    cfgOptionsFlag(target).action(async (file: string, key: string | undefined, flags: Flags) => {
      const { explainConfig } = await import('../../explain-config.js');
      const { traceConfig } = await import('../../read-config.js');
      const config = await traceConfig(file, flags.cfgOptions ?? [], io.cwd);
      io.stdout.write(explainConfig(config, { key, json: flags.json === true, cwd: io.cwd }));
    });
  },
};
