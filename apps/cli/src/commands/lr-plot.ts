import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import type { Schedule } from '@engine/runner';
import type { CliCommand } from '../command.js';
import { cliErrors } from '../errors.js';
import type { CliIo } from '../io.js';
import { cfgOptionsFlag, positiveInteger } from '../options.js';
import type { Figure } from '../plot/figure.js';

interface PlotFlags {
  readonly out?: string;
  readonly field: string;
  readonly epochLength?: number;
  readonly json?: true;
  readonly cfgOptions?: readonly string[];
}

export const command: CliCommand = {
  name: 'lr-plot',
  summary: 'draw the learning rate schedule of a config',
  configure(target, io) {
    target
      .usage('<config> [options]')
      .description(
        'Draws what the schedules of a config will set, without training. Reads the length of the dataset, but for --epoch-length.',
      )
      .argument('<config>', 'TypeScript, JavaScript, JSON or YAML file')
      .option('--out <file>', 'write a picture too: a file that ends in .svg or .png')
      .option('--field <name>', 'which field of the parameter groups: lr, momentum, weightDecay, betas[1], ...', 'lr')
      .option('--epoch-length <n>', 'iterations of an epoch; then no data is touched', positiveInteger)
      .option('--json', 'print the values instead of a chart');
    cfgOptionsFlag(target).action(async (file: string, flags: PlotFlags) => plot(file, flags, io));
  },
};

async function plot(file: string, flags: PlotFlags, io: CliIo): Promise<void> {
  const kind = flags.out === undefined ? undefined : pictureKind(flags.out);
  const { prepareRun } = await import('../prepare-run.js');
  const { figureOf, scheduleJson } = await import('../plot/schedule-figure.js');
  const cfgOptions = flags.cfgOptions ?? [];
  const runner = await prepareRun(file, { cfgOptions, backend: 'wasm' }, io); // nothing is computed that would need another
  const schedule = await runner.schedule({ field: flags.field, epochLength: flags.epochLength });
  const figure = figureOf(schedule, file);
  io.stdout.write(
    flags.json === true ? `${JSON.stringify(scheduleJson(schedule))}\n` : await chart(schedule, figure, io),
  );
  if (flags.out === undefined || kind === undefined) return;
  await save(flags.out, { kind, figure, cwd: io.cwd });
  io.stderr.write(`written to ${flags.out}\n`);
}

async function chart(schedule: Schedule, figure: Figure, { stdout }: CliIo): Promise<string> {
  const { default: picocolors } = await import('picocolors');
  const { drawTerminal } = await import('../plot/terminal.js');
  const { describeSchedule } = await import('../plot/schedule-figure.js');
  const colours = picocolors.createColors(stdout.isTTY === true);
  const palette = [colours.cyan, colours.yellow, colours.green, colours.magenta, colours.blue, colours.red];
  const paint = (text: string, line: number): string => palette[line % palette.length]?.(text) ?? text;
  const picture = drawTerminal(figure, { columns: Math.min(stdout.columns ?? 80, 120), paint });
  return `${figure.title}  ${colours.dim(figure.subtitle)}\n\n${picture}\n${describeSchedule(schedule, paint)}`;
}

/** @throws `ENGINE_CLI_BAD_PICTURE` */
function pictureKind(file: string): 'svg' | 'png' {
  const extension = extname(file).toLowerCase();
  if (extension === '.svg' || extension === '.png') return extension.slice(1) as 'svg' | 'png';
  throw cliErrors.BAD_PICTURE({
    subject: '--out',
    expected: 'a file that ends in .svg or .png',
    received: file,
    action: 'name the file by what is to be in it',
  });
}

async function save(
  file: string,
  { kind, figure, cwd }: { readonly kind: 'svg' | 'png'; readonly figure: Figure; readonly cwd: string },
): Promise<void> {
  const { drawSvg } = await import('../plot/svg.js');
  const { pngOf } = await import('../plot/png.js');
  const svg = drawSvg(figure);
  const path = resolve(cwd, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, kind === 'svg' ? svg : await pngOf(svg));
}
