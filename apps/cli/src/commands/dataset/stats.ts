import type { CliCommand } from '../../command.js';
import type { Split } from '../../data/open-data.js';
import { exitCodes } from '../../io.js';
import { cfgOptionsFlag, positiveInteger, splitFlag } from '../../options.js';

interface StatsFlags {
  readonly split: Split;
  readonly number?: number;
  readonly step?: string;
  readonly json?: true;
  readonly cfgOptions?: readonly string[];
}

export const command: CliCommand = {
  name: 'stats',
  summary: 'count classes, image sizes, boxes; mean and deviation of channels; samples that cannot be read',
  configure(target, io, finish) {
    target
      .usage('<config> [options]')
      .description(
        'Reads a dataset through its pipeline and counts classes, image sizes and boxes, with mean and standard deviation of each channel. ' +
          'Samples that cannot be read are listed; then the exit code is 1.',
      )
      .argument('<config>', 'TypeScript, JavaScript, JSON, YAML, TOML or MMEngine Python file')
      .option('--number <n>', 'look at the first so many samples (default: all)', positiveInteger)
      .option('--step <step>', 'count what a step of the pipeline gives, by its place or name (default: the last)')
      .option('--json', 'print JSON');
    splitFlag(cfgOptionsFlag(target)).action(async (file: string, flags: StatsFlags) => {
      const { openData } = await import('../../data/open-data.js');
      const { readStats } = await import('../../data/read-stats.js');
      const { renderStats } = await import('../../data/render-stats.js');
      const { split, number, step } = flags;
      const data = await openData(file, { split, cfgOptions: flags.cfgOptions ?? [] }, io);
      const report = await readStats(data, { number, step }, io);
      await data.loader.close();
      io.stdout.write(
        flags.json
          ? `${JSON.stringify({ split, ...report }, null, 2)}\n`
          : renderStats(report, `${split} data of ${file}`),
      );
      finish(report.failed.length > 0 ? exitCodes.failed : exitCodes.done);
    });
  },
};
