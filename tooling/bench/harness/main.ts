import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listParts } from '../../lib/parts.js';
import type { Bench } from './bench.js';
import { closingLine, measure } from './measure.js';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const ROUNDS = 7;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args.filter((arg) => arg !== '--check');
  const benches = listParts(folder);
  if (name === undefined || !benches.includes(name)) {
    console.error(`usage: npm run bench -- NAME [--check]\nbenchmarks: ${benches.join(', ')}`);
    return 2;
  }
  const { bench } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { bench: Bench };
  const contest = await bench.prepare(rest);
  const { ours, rival, ratio } = await measure(contest, bench.rounds ?? ROUNDS);
  console.log(`${bench.unit}: ${contest.ours.name} ${ours.toFixed(3)} ms`);
  if (typeof contest.rival === 'string') console.log(`no rival: ${contest.rival}`);
  else console.log(`${bench.unit}: ${contest.rival.name} ${rival?.toFixed(3)} ms`);
  await contest.ours.close?.();
  if (typeof contest.rival !== 'string') await contest.rival.close?.();
  console.log(closingLine(bench.name, bench.aim, ratio));
  return args.includes('--check') && (ratio === undefined || ratio < bench.aim) ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
