import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, Contender } from './harness/bench.js';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/**
 * From the start of `engine train` to the log line of the first iteration: imports, config, runner, backend wasm and one step of a tiny model.
 * The absolute aim is a second.
 */
export const bench: Bench = {
  name: 'startup',
  aim: 3,
  unit: 'from the start of the process to the log line of the first iteration',
  rounds: 7,
  async prepare() {
    const engine = [pathOf('../../apps/cli/bin/engine.mjs'), 'train', pathOf('startup/config.ts'), '--work-dir'];
    const ours = trainer(`engine train on wasm (Node ${process.versions.node})`, process.execPath, engine);
    const rival = trainer('MMEngine', 'python3', [pathOf('startup/train.py')]);
    await ours.round();
    const reason = await rival.round().then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
    return { ours, rival: reason ?? rival };
  },
};

/** A command that trains into the work dir that is appended to its arguments. */
function trainer(name: string, command: string, args: readonly string[]): Contender {
  return {
    name,
    async round() {
      const workDir = await mkdtemp(join(tmpdir(), 'engine-startup-'));
      try {
        return await untilFirstIteration(command, [...args, workDir]);
      } finally {
        await rm(workDir, { recursive: true });
      }
    },
  };
}

/** Milliseconds until the line is there; resolves when the process has ended. */
function untilFirstIteration(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors, took] = ['', '', Number.NaN];
    child.stdout.on('data', (text) => {
      output += text;
      if (Number.isNaN(took) && /Epoch\(train\)/.test(output)) took = performance.now() - started;
    });
    child.stderr.on('data', (text) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && took > 0) resolve(took);
      else reject(new Error(errors.trim().split('\n').at(-1) ?? `${command} ended with ${code}`));
    });
  });
}
