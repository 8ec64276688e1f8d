import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { canonicalJson, PythonConfig } from '@engine/mmcompat';
import type { Bench, Contender } from './harness/bench.js';
import { pythonRival } from './harness/python-rival.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../apps/cli/bin/engine.mjs', import.meta.url));
const own = fileURLToPath(
  new URL('../golden/config/sites/config_corpus/mmdet/.mim/configs/tower/tower_big.py', import.meta.url),
);
const TIMES = 20;

/**
 * Loading a config with its bases, once the process is warm; arguments name a config, else one of the golden data is taken.
 * The time of a fresh process is printed for both sides.
 */
export const bench: Bench = {
  name: 'config',
  aim: 5,
  unit: 'one config with its bases, warm',
  async prepare([file = own]) {
    if (!existsSync(file)) throw new Error(`${file} is not there`);
    process.env.ENGINE_BENCH_CONFIG = file;
    const rival = await pythonRival({
      name: 'MMEngine',
      script: new URL('config.py', import.meta.url),
      units: TIMES,
      warmUp: 3,
    });
    await printCold(file, typeof rival !== 'string');
    return { ours: ours(file), rival };
  },
};

function ours(file: string): Contender {
  const load = () => canonicalJson(PythonConfig.fromFile(file, { importCustomModules: false }).toLazyDict());
  for (let time = 0; time < 5; time++) load();
  return {
    name: `@engine (Node ${process.versions.node})`,
    async round() {
      const started = performance.now();
      for (let time = 0; time < TIMES; time++) load();
      return (performance.now() - started) / TIMES;
    },
  };
}

async function printCold(file: string, withPython: boolean): Promise<void> {
  const python = [
    '-c',
    'import sys; from mmengine.config import Config; Config.fromfile(sys.argv[1], import_custom_modules=False)',
    file,
  ];
  const [engines, pythons]: number[][] = [[], []];
  for (let round = 0; round < 5; round++) {
    engines?.push(await timed(process.execPath, [program, 'config', 'print', file, '--json']));
    if (withPython) pythons?.push(await timed('python3', python));
  }
  const ourTime = median(engines ?? []);
  console.log(`fresh process: engine config print ${ourTime.toFixed(0)} ms`);
  if (withPython)
    console.log(
      `fresh process: Config.fromfile ${median(pythons ?? []).toFixed(0)} ms, ratio ${(median(pythons ?? []) / ourTime).toFixed(2)} (aim 1)`,
    );
}

async function timed(command: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  await run(command, [...args], { maxBuffer: 1e8 });
  return performance.now() - started;
}

function median(times: readonly number[]): number {
  return [...times].sort((left, right) => left - right)[times.length >> 1] ?? Number.NaN;
}
