import type { CliCommand } from '../../command.js';
import { cliErrors } from '../../errors.js';

interface Flags {
  readonly to?: 'torch';
  readonly from?: 'torch';
  readonly like?: string;
  readonly partial?: true;
  readonly out: string;
}

export const command: CliCommand = {
  name: 'convert',
  summary: "write a checkpoint's weights in PyTorch's layouts, or the other way round",
  configure(target, io) {
    target
      .description(
        "--to torch writes the weights as a safetensors file with PyTorch's names and layouts, for load_state_dict(load_file(...)). " +
          '--from torch makes a checkpoint of such a file, or of a .pth file of torch.save; --like names a checkpoint of the same model, ' +
          'which says the layouts.',
      )
      .argument('<file>', 'checkpoint, or with --from a .pth or safetensors file of PyTorch')
      .option('--to <format>', 'torch')
      .option('--from <format>', 'torch')
      .option('--like <checkpoint>', 'with --from: a checkpoint of the same model')
      .option('--partial', 'with --from: keep what only --like has, leave out what only the file has')
      .requiredOption('--out <file>', 'where the result goes')
      .action(async (file: string, flags: Flags) => {
        const { fromTorch, toTorch } = await import('../../checkpoint/convert-weights.js');
        const job = { file, out: flags.out, cwd: io.cwd };
        if (flags.to === 'torch' && flags.from === undefined) await toTorch(job);
        else if (flags.from === 'torch' && flags.to === undefined && flags.like)
          io.stdout.write(await fromTorch({ ...job, like: flags.like, partial: flags.partial === true }));
        else throw notOneWay(flags);
        io.stdout.write(`${flags.out}\n`);
      });
  },
};

const notOneWay = ({ to, from, like }: Flags) =>
  cliErrors.BAD_CONVERSION({
    subject: 'engine checkpoint convert',
    expected: '--to torch, or --from torch --like <checkpoint>',
    received: `--to ${to ?? '(none)'}, --from ${from ?? '(none)'}, --like ${like ?? '(none)'}`,
    action: 'say one of the two',
  });
