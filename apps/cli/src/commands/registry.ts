import type { CliCommand } from '../command.js';
import type { CliIo } from '../io.js';

interface Flags {
  readonly json?: true;
  readonly config?: string;
  readonly import?: string[];
}

export const command: CliCommand = {
  name: 'registry',
  summary: 'list what configs can name, with options, types and defaults',
  configure(target, io) {
    target
      .argument('[kind]', 'optimizer, hook, metric, ... (HOOKS means hook too), or the name of an entry')
      .argument('[name]', 'an entry of the kind: shows its options')
      .option('--json', 'print JSON, with the JSON Schema of the options')
      .option('--import <package>', 'show the entries of this package or file too; may be given again', collect)
      .option('--config <file>', 'show what this config imports too')
      .action(async (kind: string | undefined, name: string | undefined, flags: Flags) =>
        listEntries({ kind, name, flags }, io),
      );
  },
};

function collect(item: string, before: readonly string[] = []): string[] {
  return [...before, item];
}

async function listEntries(
  { kind, name, flags }: { kind: string | undefined; name: string | undefined; flags: Flags },
  io: CliIo,
): Promise<void> {
  const { registryWith } = await import('../registry/plugins.js');
  const { select } = await import('../registry/select.js');
  const { renderSelection } = await import('../registry/render.js');
  const selection = select(await registryWith(flags, io.cwd), kind, name);
  io.stdout.write(
    flags.json
      ? `${JSON.stringify(selection.entries, null, 2)}\n`
      : renderSelection(selection, { colour: io.stdout.isTTY === true, columns: io.stdout.columns ?? 160 }),
  );
}
