import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CliCommand } from '../command.js';
import type { Split } from '../data/open-data.js';
import { cliErrors } from '../errors.js';
import type { CliIo } from '../io.js';
import { cfgOptionsFlag, positiveInteger, splitFlag } from '../options.js';

interface BrowseFlags {
  readonly split: Split;
  readonly number: number;
  readonly out: string;
  readonly step: string;
  readonly size: number;
  readonly cfgOptions?: readonly string[];
}

export const command: CliCommand = {
  name: 'browse',
  summary: 'draw what a model gets to see: samples after each step of their pipeline',
  configure(target, io) {
    target
      .usage('<config> [options]')
      .description(
        'Writes a picture of the first samples of an epoch, in the order of the sampler, with labels, boxes and masks drawn. ' +
          'A row is a sample, a column a step of its pipeline; with --step there is that step only.',
      )
      .argument('<config>', 'TypeScript, JavaScript, JSON, YAML, TOML or MMEngine Python file')
      .option('--number <n>', 'how many samples', positiveInteger, 8)
      .option('--out <file>', 'the picture, a file that ends in .png', 'browse.png')
      .option('--step <step>', 'a step of the pipeline by its place or name, `last`, or `all`', 'all')
      .option('--size <pixels>', 'longer side of each picture', positiveInteger, 192);
    splitFlag(cfgOptionsFlag(target)).action(async (file: string, flags: BrowseFlags) => browse(file, flags, io));
  },
};

async function browse(file: string, flags: BrowseFlags, io: CliIo): Promise<void> {
  requirePng(flags.out);
  const { openData } = await import('../data/open-data.js');
  const { sheetOf } = await import('../data/sheet.js');
  const { encodePng } = await import('@engine/visualization');
  const data = await openData(file, { split: flags.split, cfgOptions: flags.cfgOptions ?? [] }, io);
  const { sheet, samples, columns, failed } = await sheetOf(data, flags);
  await data.loader.close();
  const path = resolve(io.cwd, flags.out);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await encodePng(sheet));
  for (const text of failed) io.stderr.write(`${text}\n`);
  io.stdout.write(`${samples} samples of ${flags.split}, ${columns.join(', ')}: written to ${flags.out}\n`);
}

/** @throws `ENGINE_CLI_BAD_PICTURE` */
function requirePng(file: string): void {
  if (file.toLowerCase().endsWith('.png')) return;
  throw cliErrors.BAD_PICTURE({
    subject: '--out',
    expected: 'a file that ends in .png',
    received: file,
    action: 'name the file by what is to be in it',
  });
}
