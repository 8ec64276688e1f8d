import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listParts } from '../../lib/parts.js';
import type { Bench, BenchSeries } from './bench.js';
import { closingLine, measure, type Result, shown, worst } from './measure.js';

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
    const ratio = await run(part, isSeries ? [] : rest);
    if (isSeries) console.log(`${part.name}: ratio ${shown(ratio)} (aim ${part.aim})`);
    results.push({ ratio, aim: part.aim });
  }
  const { ratio, aim } = worst(results);
  console.log(closingLine(bench.name, aim, ratio));
  return args.includes('--check') && (ratio === undefined || ratio < aim) ? 1 : 0;
}

async function run(bench: Bench, args: readonly string[]): Promise<number | undefined> {
  const contest = await bench.prepare(args);
  const { ours, rival, ratio } = await measure(contest, bench.rounds ?? ROUNDS);
  const unit = bench.measure ?? 'ms';
  console.log(`${bench.unit}: ${contest.ours.name} ${ours.toFixed(3)} ${unit}`);
  if (typeof contest.rival === 'string') console.log(`no rival: ${contest.rival}`);
  else console.log(`${bench.unit}: ${contest.rival.name} ${rival?.toFixed(3)} ${unit}`);
  await contest.ours.close?.();
  if (typeof contest.rival !== 'string') await contest.rival.close?.();
  return ratio;
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
