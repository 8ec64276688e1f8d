import type { CliCommand } from '../../command.js';
import { exitCodes } from '../../io.js';

export const command: CliCommand = {
  name: 'diff',
  summary: 'compare the tensors of two checkpoints',
  configure(target, io, finish) {
    target
      .usage('<before> <after> [options]')
      .description(
        'Names tensors that one file lacks, that have another type or shape, and by how much values differ at most. ' +
          'Exits with 1 where the files differ, as diff does.',
      )
      .argument('<before>', 'checkpoint, another safetensors file, or the weights of a .pth file of PyTorch')
      .argument('<after>', 'another one')
      .option('--tolerance <number>', 'values that differ by no more count as equal', Number, 0)
      .option('--part <name>', 'compare this part only: model, ema, optim, hook')
      .option('--json', 'print the differences as JSON')
      .action(async (before: string, after: string, flags: { tolerance: number; part?: string; json?: true }) => {
        const { diffFiles, renderDifference } = await import('../../checkpoint/diff-files.js');
        const differences = await diffFiles([before, after], { ...flags, cwd: io.cwd });
        if (flags.json) io.stdout.write(`${JSON.stringify(differences, null, 2)}\n`);
        else io.stdout.write(differences.map(renderDifference).join(''));
        finish(differences.length === 0 ? exitCodes.done : exitCodes.failed);
      });
  },
};
