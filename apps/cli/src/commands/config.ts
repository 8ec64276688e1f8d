import type { Command } from 'commander';
import type { CliCommand } from '../command.js';
import type { CliIo } from '../io.js';
import { cfgOptionsFlag } from '../options.js';

export const command: CliCommand = {
  name: 'config',
  summary: 'look at a config',
  configure(parent, io) {
    const print = parent
      .command('print')
      .usage('<config> [options]')
      .summary('print a config with everything it extends merged in')
      .description('Prints a config with everything it extends merged in, as YAML.')
      .argument('<config>', 'TypeScript, JavaScript, JSON or YAML file');
    cfgOptionsFlag(like(print, parent))
      .option('--json', 'print JSON')
      .action(async (file: string, flags: { json?: true; cfgOptions?: string[] }) => printConfig(file, flags, io));
  },
};

/** Subcommands of subcommands need to be told where to write. */
function like(child: Command, parent: Command): Command {
  return child.copyInheritedSettings(parent);
}

async function printConfig(file: string, flags: { json?: true; cfgOptions?: string[] }, io: CliIo): Promise<void> {
  const { readConfig } = await import('../read-config.js');
  const { config } = await readConfig(file, flags.cfgOptions ?? [], io.cwd);
  io.stdout.write(flags.json ? config.toJson() : await config.toYaml());
}
