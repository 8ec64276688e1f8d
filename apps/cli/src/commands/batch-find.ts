import type { FoundBatchSize } from '@engine/runner';
import { InvalidArgumentError } from 'commander';
import type { CliCommand } from '../command.js';
import type { CliIo } from '../io.js';
import { cfgOptionsFlag } from '../options.js';
import { align } from '../table.js';

interface FindFlags {
  readonly max?: number;
  readonly memory?: number;
  readonly steps: number;
  readonly json?: true;
  readonly backend?: string;
  readonly cfgOptions?: readonly string[];
}

export const command: CliCommand = {
  name: 'batch-find',
  summary: 'try batch sizes on the training data: which fit, and which is fastest',
  configure(target, io) {
    target
      .usage('<config> [options]')
      .description(
        "Trains for a moment with batches of growing size, from the config's on, until one cannot be had. Writes nothing and keeps nothing.",
      )
      .argument('<config>', 'TypeScript, JavaScript, JSON, YAML, TOML or MMEngine Python file')
      .option('--max <n>', 'largest batch size to try (default: the size of the dataset)', whole)
      .option('--memory <MB>', 'what tensors may take at most', whole)
      .option('--steps <n>', 'updates of each size', whole, 3)
      .option('--backend <name>', "compute on another backend than the config's")
      .option('--json', 'print the trials for programs instead of a table');
    cfgOptionsFlag(target).action(async (file: string, flags: FindFlags) => find(file, flags, io));
  },
};

async function find(file: string, { max, memory, steps, json, ...flags }: FindFlags, io: CliIo): Promise<void> {
  const { prepareRun } = await import('../prepare-run.js');
  const runner = await prepareRun(file, flags, io);
  const maxBytes = memory === undefined ? undefined : memory * 2 ** 20;
  const found = await runner.findBatchSize({ maxBatchSize: max, maxBytes, steps });
  io.stdout.write(json === true ? `${JSON.stringify(found)}\n` : describe(found));
}

function describe({ trials, largest, fastest }: FoundBatchSize): string {
  const rows = trials.map(({ batchSize, samplesPerSec, peakBytes, failure }) => [
    String(batchSize),
    failure ?? '',
    samplesPerSec === 0 ? '' : samplesPerSec.toFixed(1),
    peakBytes === 0 ? '' : (peakBytes / 2 ** 20).toFixed(1),
  ]);
  return [
    align([['batch size', '', 'samples/s', 'peak MB'], ...rows]),
    `Largest that fits: ${largest}. Fastest: ${fastest}.`,
    '',
  ].join('\n');
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
