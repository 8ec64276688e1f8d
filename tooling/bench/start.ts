import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { Bench, Contender } from './harness/bench.js';

const run = promisify(execFile);
/** Seconds that an import and a first step may take. */
const LIMIT = 2.5;
const backends = ['node', 'wasm'] as const;

/** From the start of a process to the loss of its first training step, imports and the library's loading included: `--backend node|wasm`. */
export const bench: Bench = {
  name: 'start',
  aim: 1,
  unit: 'from the start of the process to the loss of one LeNet step, 1 thread',
  rounds: 7,
  async prepare(args) {
    const { values } = parseArgs({ args: [...args], options: { backend: { type: 'string', default: 'node' } } });
    const backend = backends.find((name) => name === values.backend);
    if (backend === undefined) throw new Error(`--backend is one of ${backends.join(', ')}, not ${values.backend}`);
    const name = `@engine on ${backend} (Node ${process.versions.node})`;
    const ours = programOf(name, process.execPath, [scriptOf('first-step.mjs'), backend]);
    await ours.round();
    return {
      ours,
      rival: await pythonProgram('PyTorch with MMEngine', 'first-step-mmengine.py'),
      second: await pythonProgram('PyTorch alone', 'first-step.py'),
      summary: ({ ours: { median, best } }) => [
        `median ${(median / 1000).toFixed(2)} s, min ${(best / 1000).toFixed(2)} s (aim ${LIMIT} s at most)`,
      ],
    };
  },
};

const scriptOf = (script: string): string => fileURLToPath(new URL(`start/${script}`, import.meta.url));

/** Tried once, so that files are in memory; a sentence where it does not run. */
async function pythonProgram(name: string, script: string): Promise<Contender | string> {
  const program = programOf(name, 'python3', [scriptOf(script)]);
  try {
    await program.round();
    return program;
  } catch (error) {
    return String(error).trim().split('\n').at(-1) as string;
  }
}

function programOf(name: string, program: string, args: readonly string[]): Contender {
  return {
    name,
    async round() {
      const started = performance.now();
      const { stdout } = await run(program, args);
      if (!(Number(stdout.trim().split('\n').at(-1)) > 0)) throw new Error(`${name} printed ${stdout}`);
      return performance.now() - started;
    },
  };
}
