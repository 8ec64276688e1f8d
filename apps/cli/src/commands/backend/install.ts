import { resolve } from 'node:path';
import type { CliCommand } from '../../command.js';
import type { CliIo } from '../../io.js';

interface Flags {
  readonly dir?: string;
  readonly fromWheel?: string[];
  readonly index?: string;
  readonly offline?: true;
}

export const command: CliCommand = {
  name: 'install',
  summary: 'fetch the TensorFlow library of a native backend, once for all projects of a user',
  configure(target, io) {
    target
      .argument('<name>', 'node: for the CPU; cuda: for NVIDIA GPUs')
      .option('--dir <folder>', "where the library goes (default: the user's cache; ENGINE_LIBRARIES sets it for good)")
      .option('--from-wheel <file...>', 'take these wheels instead of fetching them')
      .option('--index <address>', 'the package index to ask (default: what pip is set to)')
      .option('--offline', 'fetch nothing')
      .action(async (name: string, flags: Flags) => install(name, flags, io));
  },
};

async function install(name: string, flags: Flags, io: CliIo): Promise<void> {
  const { flavourOf, installLibrary } = await import('@engine/native/install');
  const { progressLine } = await import('../../backend/progress-line.js');
  const line = progressLine(io.stdout);
  try {
    const { folder, how } = await installLibrary({
      flavour: flavourOf(name),
      dir: flags.dir === undefined ? undefined : resolve(io.cwd, flags.dir),
      fromWheel: flags.fromWheel?.map((file) => resolve(io.cwd, file)),
      index: flags.index,
      offline: flags.offline,
      onProgress: line.show,
    });
    line.end();
    io.stdout.write(
      how === 'existing'
        ? `The library is already there: ${folder}\n`
        : `Installed: ${folder}\nUse it: --backend ${name}\n`,
    );
    if (flags.dir !== undefined)
      io.stdout.write(`Set ENGINE_LIBRARIES=${resolve(io.cwd, flags.dir)}, so that runs find it.\n`);
  } finally {
    line.end();
  }
}
