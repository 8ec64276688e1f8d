import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Contender } from './bench.js';

export interface PythonRival {
  /** What it is called and what must be importable: `PyTorch`. */
  readonly name: string;
  /** Prints its version, then for every line with a count of units the milliseconds that one of them took. */
  readonly script: URL;
  /** Of the script. */
  readonly args?: readonly string[];
  /** Units of a round. */
  readonly units: number;
  /** Units done before the first round; default none. */
  readonly warmUp?: number;
}

/** A Python program in a process of its own that waits between the rounds; a sentence where it is not to be had. */
export async function pythonRival({
  name,
  script,
  args = [],
  units,
  warmUp = 0,
}: PythonRival): Promise<Contender | string> {
  const python = spawn('python3', [fileURLToPath(script), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const failure = new Promise<string>((resolve) => {
    let errors = '';
    python.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    python.on('error', (error) => resolve(error.message));
    python.on('close', () => resolve(errors.trim().split('\n').at(-1) ?? 'it ended'));
  });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => String((await lines.next()).value ?? '');
  const ask = async (count: number): Promise<number> => {
    python.stdin.write(`${count}\n`);
    const milliseconds = await answer();
    if (milliseconds === '') throw new Error(`${name} ended in the middle: ${await failure}`);
    return Number(milliseconds);
  };
  const version = await answer();
  if (version === '') return `${name} is not importable by python3: ${await failure}`;
  if (warmUp > 0) await ask(warmUp);
  return {
    name: `${name} ${version}`,
    round: () => ask(units),
    async close() {
      python.stdin.end();
      await failure;
    },
  };
}
