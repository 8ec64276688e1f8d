// Runs one check. A check exports `check({ root, update })`, which gives the problems it found, each in a line or more.
import { root } from '../../lib/processes.mjs';

const [name, ...rest] = process.argv.slice(2);
const { check } = await import(`../${name}.mjs`);
const problems = await check({ root, update: rest.includes('--update') });
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
