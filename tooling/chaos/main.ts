import { parseArgs } from 'node:util';
import { chaos } from './chaos.js';

const HELP = `usage: npm run chaos -- [--kills N] [--inside-save M] [--seed S]

Kills a training process with SIGKILL at N moments (default 20) drawn from a seed, at least M of them (default a quarter)
while a checkpoint is being written, resumes it each time, and compares every loss and the final checkpoint, bit for bit,
with a run that nobody disturbed.`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    'inside-save': { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(HELP);
} else {
  const kills = Number(values.kills ?? 20);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const insideSave = Number(values['inside-save'] ?? Math.ceil(kills / 4));
  console.log(`chaos: ${kills} kills, at least ${insideSave} inside a save, seed ${seed}`);
  const result = await chaos({
    kills,
    insideSave,
    seed,
    config: 'tooling/chaos/config.ts',
    report: (line) => console.log(line),
  });
  for (const line of result.differences.slice(0, 20)) console.log(`DIFFERENT  ${line}`);
  const verdict =
    result.differences.length === 0
      ? 'same losses and final weights, bit for bit'
      : `${result.differences.length} differences`;
  console.log(
    `chaos: ${result.kills} kills, ${result.insideSave} inside a save, ${result.iterations} iterations: ${verdict}`,
  );
  process.exitCode = result.differences.length === 0 ? 0 : 1;
}
