import type { CliCommand } from '../../command.js';
import { exitCodes } from '../../io.js';

export const command: CliCommand = {
  name: 'diff',
  summary: 'compare two configs',
  configure(target, io, finish) {
    target
      .usage('<before> <after> [options]')
      .description(
        'Compares what two configs say, whatever files they consist of. Exits with 1 where they differ, as diff does.',
      )
      .argument('<before>', 'TypeScript, JavaScript, Python, JSON, YAML or TOML file')
      .argument('<after>', 'another one')
      .option('--json', 'print the differences as JSON')
      .action(async (before: string, after: string, { json }: { json?: true }) => {
        const { diffConfigs } = await import('../../diff-configs.js');
        const { text, isSame } = await diffConfigs([before, after], { json: json === true, cwd: io.cwd });
        io.stdout.write(text);
        finish(isSame ? exitCodes.done : exitCodes.failed);
      });
  },
};
