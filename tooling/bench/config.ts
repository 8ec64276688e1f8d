import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { canonicalJson, PythonConfig } from '@engine/mmcompat';
import type { Bench, Contender } from './harness/bench.js';
import { pythonRival } from './harness/python-rival.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../apps/cli/bin/engine.mjs', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const typed = fileURLToPath(new URL('../../apps/examples/mnist/config.ts', import.meta.url));
const own = fileURLToPath(
  new URL('../golden/config/sites/config_corpus/mmdet/.mim/configs/tower/tower_big.py', import.meta.url),
);
const TIMES = 20;

/**
 * Loading a config with its bases, once the process is warm; arguments name a config, else one of the golden data is taken.
 * The time of a fresh process is printed for both sides, and how long compilers take to check a typed config.
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
    await printTypes();
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
  const [json, yaml, pythons]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < 7; round++) {
    json.push(await timed(process.execPath, [program, 'config', 'print', file, '--json']));
    if (withPython) pythons.push(await timed('python3', python));
    yaml.push(await timed(process.execPath, [program, 'config', 'print', file]));
  }
  if (withPython) console.log(`fresh process: Config.fromfile ${median(pythons).toFixed(0)} ms`);
  for (const [what, times] of [
    ['--json', json],
    ['as YAML', yaml],
  ] as const) {
    const ratio = withPython ? `, ratio ${(median(pythons) / median(times)).toFixed(2)} (aim 1)` : '';
    console.log(`fresh process: engine config print ${what} ${median(times).toFixed(0)} ms${ratio}`);
  }
}

/** How long a compiler takes to check a config of everything that `@engine/standard` knows. */
async function printTypes(): Promise<void> {
  const flags =
    '--ignoreConfig --noEmit --strict --skipLibCheck --target es2022 --lib es2023 --module nodenext --types node';
  for (const [version, compiler] of [
    ['7', '@typescript/native/bin/tsc'],
    ['6', 'typescript/bin/tsc6'],
  ] as const) {
    const times: number[] = [];
    for (let round = 0; round < 3; round++)
      times.push(await timed(process.execPath, [`${root}node_modules/${compiler}`, ...flags.split(' '), typed]));
    console.log(
      `type check of a config with @engine/standard, TypeScript ${version}: ${(median(times) / 1000).toFixed(2)} s (aim below 2 s)`,
    );
  }
}

async function timed(command: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  await run(command, [...args], { maxBuffer: 1e8 });
  return performance.now() - started;
}

function median(times: readonly number[]): number {
  return [...times].sort((left, right) => left - right)[times.length >> 1] ?? Number.NaN;
}
