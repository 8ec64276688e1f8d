import type { FoundLr } from '@engine/runner';
import { InvalidArgumentError } from 'commander';
import type { CliCommand } from '../command.js';
import type { CliIo } from '../io.js';
import { cfgOptionsFlag } from '../options.js';
import { formatValue } from '../plot/figure.js';
import { align } from '../table.js';

interface FindFlags {
  readonly min: number;
  readonly max: number;
  readonly steps: number;
  readonly json?: true;
  readonly backend?: string;
  readonly cfgOptions?: readonly string[];
}

/** Lines of the table, and columns of its bars. */
const [ROWS, BAR] = [16, 40];

export const command: CliCommand = {
  name: 'lr-find',
  summary: 'try learning rates on the training data and suggest one',
  configure(target, io) {
    target
      .usage('<config> [options]')
      .description(
        'Trains for a moment with a learning rate that grows step by step and watches the loss. Writes nothing and keeps nothing.',
      )
      .argument('<config>', 'TypeScript, JavaScript, JSON, YAML, TOML or MMEngine Python file')
      .option('--min <lr>', 'learning rate of the first step', positive, 1e-7)
      .option('--max <lr>', 'of the last one', positive, 10)
      .option('--steps <n>', 'updates to make', positive, 100)
      .option('--backend <name>', "compute on another backend than the config's")
      .option('--json', 'print every step for programs instead of a table');
    cfgOptionsFlag(target).action(async (file: string, flags: FindFlags) => find(file, flags, io));
  },
};

async function find(file: string, { min, max, steps, json, ...flags }: FindFlags, io: CliIo): Promise<void> {
  const { prepareRun } = await import('../prepare-run.js');
  const runner = await prepareRun(file, flags, io);
  const found = await runner.findLr({ minLr: min, maxLr: max, steps });
  io.stdout.write(json === true ? `${JSON.stringify(found)}\n` : describe(found));
}

function describe({ lrs, smoothed, suggestion, diverged }: FoundLr): string {
  const every = Math.max(1, Math.ceil(lrs.length / ROWS));
  const shown = lrs.flatMap((lr, i) => (i % every === 0 || lr === suggestion ? [i] : []));
  const [low, high] = [Math.min(...smoothed), Math.max(...smoothed.slice(0, -1), smoothed[0] ?? 0)];
  const rows = shown.map((i) => {
    const [lr, loss] = [lrs[i] ?? 0, smoothed[i] ?? 0];
    const share = high > low ? Math.min(1, (loss - low) / (high - low)) : 0;
    const bar = '█'.repeat(Math.round(share * BAR));
    return [formatValue(lr), formatValue(loss), '', lr === suggestion ? `${bar} ← falls fastest` : bar];
  });
  const table = align([
    ['lr', 'loss', '', ''],
    ...rows.map((row) => [row[0] ?? '', row[1] ?? '', '', (row[3] ?? '').padEnd(BAR + 20)]),
  ]);
  return [
    table,
    ...(diverged ? ['The loss runs away from here on.'] : []),
    suggestion === undefined
      ? 'The loss does not fall anywhere: try other ends (--min, --max) or more --steps.'
      : `Suggested lr: ${formatValue(suggestion)}`,
    '',
  ].join('\n');
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}
