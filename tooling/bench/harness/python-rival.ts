import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Contender } from './bench.js';

export interface PythonRival {
  /** What it is called and what must be importable: `PyTorch`. */
  readonly name: string;
  /** Prints its version, then for every line with a count of units the milliseconds that one of them took; those of processor time and the losses after it, if it has them. */
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
  const ask = async (count: number): Promise<[milliseconds: number, cpu?: number, ...losses: number[]]> => {
    python.stdin.write(`${count}\n`);
    const line = await answer();
    if (line === '') throw new Error(`${name} ended in the middle: ${await failure}`);
    return line.split(' ').map(Number) as [number, number?, ...number[]];
  };
  const version = await answer();
  if (version === '') return `${name} is not importable by python3: ${await failure}`;
  const [, first, ...losses] = warmUp > 0 ? await ask(warmUp) : [0];
  let cpu = first;
  return {
    name: `${name} ${version}`,
    ...(losses.length > 0 ? { losses } : {}),
    ...(cpu === undefined ? {} : { cpu: () => cpu as number }),
    async round() {
      const [milliseconds, used] = await ask(units);
      cpu = used;
      return milliseconds;
    },
    async close() {
      python.stdin.end();
      await failure;
    },
  };
}
