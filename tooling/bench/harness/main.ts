import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listParts } from '../../lib/parts.js';
import type { Bench, BenchSeries, Contender, Contest } from './bench.js';
import { closingLine, lossLines, measure, type Result, type Side, shown, worst } from './measure.js';

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
  const measured = await measure(contest, contest.rounds ?? bench.rounds ?? ROUNDS);
  const { ours, rival, second, ratio, cpuRatio } = measured;
  const { unit = bench.unit, aim = bench.aim } = contest;
  const show = (side: Contender | string, result: Side | undefined): void => {
    if (typeof side === 'string' || result === undefined) console.log(`no rival: ${side}`);
    else {
      const { median, best } = result;
      console.log(`${unit}: ${side.name} median ${median.toFixed(3)}, min ${best.toFixed(3)} ${bench.measure ?? 'ms'}`);
    }
  };
  show(contest.ours, ours);
  show(contest.rival, rival);
  if (contest.second !== undefined) show(contest.second, second);
  for (const line of lossesOf(contest)) console.log(line);
  for (const line of contest.summary?.(measured) ?? []) console.log(line);
  if (cpuRatio !== undefined) console.log(`ratio of processor times ${cpuRatio.toPrecision(3)}`);
  if (second !== undefined) {
    const cpu = Number.isNaN(second.cpu / ours.cpu) ? '' : `, of processor times ${shown(second.cpu / ours.cpu)}`;
    console.log(`ratio to ${(contest.second as Contender).name} ${shown(second.median / ours.median)}${cpu}`);
  }
  for (const side of [contest.ours, contest.rival, contest.second]) if (typeof side === 'object') await side.close?.();
  return { ratio, aim };
}

/** Compares the losses of the first steps with those of the last rival that has some. */
function lossesOf({ ours, rival, second }: Contest): readonly string[] {
  const others = [second, rival].flatMap((side) => (typeof side === 'object' ? [side.losses] : []));
  const theirs = others.find((losses) => losses !== undefined);
  return ours.losses === undefined || theirs === undefined ? [] : lossLines(ours.losses, theirs);
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
