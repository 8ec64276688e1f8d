import { parseArgs } from 'node:util';
import { chaos, jobs } from './chaos.js';

const HELP = `usage: npm run chaos -- [--kills N] [--inside-save M] [--seed S] [--job epochs|iterations]

Kills a training process with SIGKILL at N moments (default 20) drawn from a seed, at least M of them (default a quarter)
while a checkpoint is being written, resumes it each time, and compares every loss and the final checkpoint, bit for bit,
with a run that nobody disturbed. Half of the kills are for a job that counts in epochs, half for one that counts in iterations, unless
--job names one of them.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    'inside-save': { type: 'string' },
    seed: { type: 'string' },
    job: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(HELP);
} else {
  const kills = Number(values.kills ?? 20);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const chosen = values.job === undefined ? jobs : jobs.filter(({ name }) => name === values.job);
  if (chosen.length === 0) throw new Error(`--job is one of ${jobs.map(({ name }) => name).join(', ')}`);
  const each = Math.ceil(kills / chosen.length);
  const insideSave = Math.ceil(Number(values['inside-save'] ?? kills / 4) / chosen.length);
  let different = 0;
  for (const job of chosen) {
    console.log(`chaos ${job.name}: ${each} kills, at least ${insideSave} inside a save, seed ${seed}`);
    const result = await chaos({ kills: each, insideSave, seed, job, report: (line) => console.log(line) });
    for (const line of result.differences.slice(0, 20)) console.log(`DIFFERENT  ${line}`);
    const verdict =
      result.differences.length === 0
        ? 'same losses and final weights, bit for bit'
        : `${result.differences.length} differences`;
    console.log(
      `chaos ${job.name}: ${result.kills} kills, ${result.insideSave} inside a save, ${result.iterations} iterations: ${verdict}`,
    );
    different += result.differences.length;
  }
  process.exitCode = different === 0 ? 0 : 1;
}
