import type { CliCommand } from '../../command.js';

export const command: CliCommand = {
  name: 'show',
  summary: 'list what is in a checkpoint',
  configure(target, io) {
    target
      .description(
        'Lists what a checkpoint says about its run, and its tensors with types, shapes and sizes. Reads any safetensors file and those of PyTorch.',
      )
      .argument('<file>', 'checkpoint, another safetensors file, or a .pth file of PyTorch')
      .option('--json', 'print JSON')
      .option('--config', 'print the config that the run had, and nothing else')
      .action(async (file: string, flags: { json?: true; config?: true }) => {
        const { describeFile, renderDescription } = await import('../../checkpoint/describe-file.js');
        const description = await describeFile(file, io.cwd);
        if (flags.config && description.configText !== undefined)
          io.stdout.write(`${description.configText.trimEnd()}\n`);
        else if (flags.config) io.stdout.write(`${JSON.stringify(description.config ?? {}, null, 2)}\n`);
        else if (flags.json) io.stdout.write(`${JSON.stringify(description, null, 2)}\n`);
        else io.stdout.write(renderDescription(description));
      });
  },
};
