import { relative, resolve } from 'node:path';
import type { CliCommand } from '../../command.js';

const PARTS = ['model', 'ema', 'optim', 'hook', 'schedulers', 'messageHub'];

export const command: CliCommand = {
  name: 'publish',
  summary: 'write a copy of a checkpoint that holds the weights alone',
  configure(target, io) {
    target
      .description(
        'Writes a copy without the state of optimizer, schedulers and hooks beside the checkpoint, named after its content: ' +
          'epoch_3-1a2b3c4d.safetensors, the beginning of its SHA-256.',
      )
      .argument('<file>', 'checkpoint')
      .addOption(target.createOption('--keep <part...>', 'parts to keep').choices(PARTS).default(['model']))
      .action(async (file: string, { keep }: { keep: string[] }) => {
        const { LocalStorage } = await import('@engine/fileio');
        const { publishCheckpoint } = await import('@engine/runner');
        const path = await publishCheckpoint(new LocalStorage(), resolve(io.cwd, file), keep);
        io.stdout.write(`${relative(io.cwd, path)}\n`);
      });
  },
};
