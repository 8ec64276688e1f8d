import { parseArgs } from 'node:util';
import { type ChaosResult, chaos } from './chaos.ts';
import { jobs } from './jobs.ts';
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
  const results = new Map<string, ChaosResult>();
  for (const job of chosen) {
    const each = Math.ceil(kills / chosen.length);
    console.log(`chaos ${job.name}: ${each} kills, seed ${seed}`);
    const result = await chaos({ kills: each, seed, job, report: (line) => console.log(line) });
    results.set(job.name, result);
    for (const line of result.differences.slice(0, SHOWN)) console.log(`DIFFERENT  ${line}`);
    const { differences, iterations } = result;
    const verdict = differences.length === 0 ? 'the same, bit for bit' : `${differences.length} differences`;
    console.log(`chaos ${job.name}: ${each} kills in ${iterations} iterations: ${verdict}\n`);
  }
  for (const line of landingTable(results)) console.log(line);
  console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
  return [...results.values()].every(({ differences }) => differences.length === 0);
}
