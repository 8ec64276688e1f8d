import { parseArgs } from 'node:util';
import { type ChaosResult, chaos } from './chaos.ts';
import { type ChaosJob, jobs } from './jobs.ts';
import { landingTable } from './table.ts';

const HELP = `usage: npm run chaos -- [--kills N] [--seed S] [--job epochs|iterations]

Kills a training process with SIGKILL at N moments (default 20) drawn from a seed, spread over the whole run and over start-up,
training, validation and saving (two in five), resumes it each time, and compares with a run that nobody disturbed, bit for bit:
every row of scalars.json, which checkpoints were kept, the weights, averages, states and choices in each of them, and what was
warned of. Half of the kills are for a job that counts in epochs, half for one that counts in iterations, unless --job names one.`;

/** Differences that are printed. */
const SHOWN = 20;

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    seed: { type: 'string' },
    job: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) console.log(HELP);
else process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  const kills = Number(values.kills ?? 20);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const chosen = jobs.filter(({ name }) => name === (values.job ?? name));
  if (chosen.length === 0) throw new Error(`--job is one of ${jobs.map(({ name }) => name).join(', ')}`);
  const started = performance.now();
  const each = Math.ceil(kills / chosen.length);
  console.log(`${each} kills of each of ${chosen.map(({ name }) => name).join(', ')}; seed ${seed}`);
  const results = await Promise.all(chosen.map(async (job) => [job.name, await run(job, each, seed)] as const));
  for (const line of landingTable(new Map(results))) console.log(line);
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  return results.every(([, { differences }]) => differences.length === 0);
}

async function run(job: ChaosJob, kills: number, seed: number): Promise<ChaosResult> {
  const say = (line: string): void => console.log(`${job.name.padEnd(10)}  ${line}`);
  const result = await chaos({ kills, seed, job, report: say });
  const { differences, iterations, landings } = result;
  for (const line of differences.slice(0, SHOWN)) say(`DIFFERENT  ${line}`);
  const verdict = differences.length === 0 ? 'the same, bit for bit' : `${differences.length} differences`;
  say(`${landings.length} kills in ${iterations} iterations: ${verdict}`);
  return result;
}
