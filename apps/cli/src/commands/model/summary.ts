import type { LayerSummary, ModelSummary } from '@engine/model';
import type { CliCommand } from '../../command.js';
import type { CliIo } from '../../io.js';
import { cfgOptionsFlag } from '../../options.js';
import { align, counted } from '../../table.js';

interface SummaryFlags {
  readonly json?: true;
  readonly backend?: string;
  readonly cfgOptions?: readonly string[];
}

export const command: CliCommand = {
  name: 'summary',
  summary: 'list the layers of a model with shapes, parameters and multiply-adds',
  configure(target, io) {
    target
      .usage('<config> [options]')
      .description(
        'Predicts one batch of the training data and lists what each layer made of it. Multiply-adds are those of matrix products and convolutions.',
      )
      .argument('<config>', 'TypeScript, JavaScript, JSON, YAML, TOML or MMEngine Python file')
      .option('--backend <name>', "compute on another backend than the config's")
      .option('--json', 'print everything for programs instead of a table');
    cfgOptionsFlag(target).action(async (file: string, flags: SummaryFlags) => summarize(file, flags, io));
  },
};

async function summarize(file: string, { json, ...flags }: SummaryFlags, io: CliIo): Promise<void> {
  const { prepareRun } = await import('../../prepare-run.js');
  const runner = await prepareRun(file, flags, io);
  const summary = await runner.summarize();
  io.stdout.write(json === true ? `${JSON.stringify(summary)}\n` : describe(summary));
}

function describe(summary: ModelSummary): string {
  const { layers, batchSize } = summary;
  const rows = layers.map((layer) => [
    `${'  '.repeat(depthOf(layer))}${layer.path === '' ? layer.type : `${layer.path.split('.').at(-1)}: ${layer.type}`}`,
    layer.calls === 0 ? 'not called' : layer.outputs.map((shape) => `(${shape.join(', ')})`).join(' '),
    layer.parameters === 0 ? '' : `${counted(layer.parameters)}${layer.trainable === 0 ? ' frozen' : ''}`,
    layer.multiplyAdds === 0 ? '' : counted(layer.multiplyAdds),
  ]);
  const table = align([['layer', 'output', 'parameters', 'multiply-adds'], ...rows]);
  const { parameters, trainable, bytes, multiplyAdds } = summary;
  return [
    table,
    '',
    `parameters     ${counted(parameters)}, ${counted(trainable)} of them trainable; ${(bytes / 2 ** 20).toFixed(2)} MB with buffers`,
    `multiply-adds  ${counted(multiplyAdds)} for a batch of ${batchSize}, ${counted(Math.round(multiplyAdds / batchSize))} a sample`,
    '',
  ].join('\n');
}

function depthOf({ path }: LayerSummary): number {
  return path === '' ? 0 : path.split('.').length;
}
