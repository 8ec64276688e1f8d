import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench, Contender } from './harness/bench.js';

const run = promisify(execFile);

/** From the start of a process to the loss of its first training step, imports and the library's loading included; the aim is 2.5 seconds at most. */
export const bench: Bench = {
  name: 'start',
  aim: 1,
  unit: 'from the start of the process to the loss of one LeNet step, 1 thread',
  rounds: 7,
  async prepare() {
    const ours = programOf(`@engine on node (Node ${process.versions.node})`, process.execPath, 'first-step.mjs');
    const rival = programOf('PyTorch', 'python3', 'first-step.py');
    await ours.round();
    const reason = await rival.round().then(
      () => undefined,
      (error: unknown) => String(error).trim().split('\n').at(-1) as string,
    );
    return { ours, rival: reason ?? rival };
  },
};

function programOf(name: string, program: string, script: string): Contender {
  const file = fileURLToPath(new URL(`start/${script}`, import.meta.url));
  return {
    name,
    async round() {
      const started = performance.now();
      const { stdout } = await run(program, [file]);
      if (!(Number(stdout) > 0)) throw new Error(`${name} printed ${stdout}`);
      return performance.now() - started;
    },
  };
}
