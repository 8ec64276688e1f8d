import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listParts } from '../../lib/parts.js';
import type { Bench, BenchSeries } from './bench.js';
import { closingLine, lossLines, measure, type Result, shown, worst } from './measure.js';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const ROUNDS = 7;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args.filter((arg) => arg !== '--check');
  const benches = listParts(folder);
  if (name === undefined || !benches.includes(name)) {
    console.error(`usage: npm run bench -- NAME [--check]\nbenchmarks: ${benches.join(', ')}`);
    return 2;
  }
  const { bench } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { bench: Bench | BenchSeries };
  const isSeries = 'parts' in bench;
  const chosen = isSeries ? partsNamed(bench, rest) : [bench];
  const results: Result[] = [];
  for (const part of chosen) {
    const result = await run(part, isSeries ? [] : rest);
    if (isSeries) console.log(`${part.name}: ratio ${shown(result.ratio)} (aim ${result.aim})`);
    results.push(result);
  }
  const { ratio, aim } = worst(results);
  console.log(closingLine(bench.name, aim, ratio));
  return args.includes('--check') && (ratio === undefined || ratio < aim) ? 1 : 0;
}

async function run(bench: Bench, args: readonly string[]): Promise<Result> {
  const contest = await bench.prepare(args);
  const { ours, rival, ratio, best, cpuRatio } = await measure(contest, bench.rounds ?? ROUNDS);
  const { unit = bench.unit, aim = bench.aim } = contest;
  const show = (who: string, median: number | undefined, least: number | undefined): void =>
    console.log(`${unit}: ${who} median ${median?.toFixed(3)}, min ${least?.toFixed(3)} ${bench.measure ?? 'ms'}`);
  show(contest.ours.name, ours, best.ours);
  if (typeof contest.rival === 'string') console.log(`no rival: ${contest.rival}`);
  else {
    show(contest.rival.name, rival, best.rival);
    if (contest.ours.losses !== undefined && contest.rival.losses !== undefined)
      for (const line of lossLines(contest.ours.losses, contest.rival.losses)) console.log(line);
  }
  if (cpuRatio !== undefined) console.log(`ratio of processor times ${cpuRatio.toPrecision(3)}`);
  await contest.ours.close?.();
  if (typeof contest.rival !== 'string') await contest.rival.close?.();
  return { ratio, aim };
}

/** Parts whose name is given, or begins with what is given; all of them without. @throws when there is none */
function partsNamed({ name, parts }: BenchSeries, wanted: readonly string[]): readonly Bench[] {
  if (wanted.length === 0) return parts;
  const chosen = parts.filter((part) => wanted.some((start) => part.name.startsWith(start)));
  if (chosen.length > 0) return chosen;
  throw new Error(
    `${name} has the parts ${parts.map((part) => part.name).join('; ')}, none begins with ${wanted.join(' or ')}`,
  );
}

process.exitCode = await main(process.argv.slice(2));
