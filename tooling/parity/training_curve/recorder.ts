import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, EngineError } from '@engine/core';
import { nodePlatform } from '@engine/fileio';
import { Runner, type RunnerOptions } from '@engine/runner';
import { createRegistry } from '@engine/standard';
import { readDisk } from './disk.js';
import { configNameOf, type Golden, type GoldenConfig, type GoldenRun } from './golden.js';
import { BrokenOff, RecorderHook, torchState } from './recorder-hook.js';
import type { Recording, State } from './recording.js';
import { Acc, FormulaDataset, TinyLeNet } from './subject.js';

/** What is to run. Runs of one `folder` go on from each other. */
interface Order {
  readonly config: GoldenConfig;
  readonly folder: string;
  readonly name: string;
  readonly stopAfter: number | null;
  readonly resume: boolean;
}

/** Memory in log lines is left out: the golden runs had no device whose memory they could tell. */
const platform = { ...nodePlatform, residentBytes: () => undefined };

/** Does the runs of golden files; the same run is done once however often it is asked for. */
export class Recorder {
  readonly #pairs = new Map<string, Promise<readonly Recording[]>>();

  /** Our run that stands for a golden one. */
  async record(golden: Golden, run: GoldenRun, backend: Backend): Promise<Recording> {
    const first = run.resumed ? golden.runs?.find(({ name, resumed }) => name === run.name && !resumed) : run;
    const next = golden.runs?.find(({ name, resumed }) => name === run.name && resumed);
    const config = golden.setup.configs[configNameOf(run)];
    if (first === undefined || config === undefined) throw new Error(`nothing says what ${run.name} is made of`);
    const stops = next === undefined ? [first.stopped_after_iter] : [first.stopped_after_iter, next.stopped_after_iter];
    const recordings = await this.#recordingsOf(run.name, config, { stops, backend });
    return recordings[run.resumed ? 1 : 0] as Recording;
  }

  /** The same run, done again. */
  async again(golden: Golden, name: string, backend: Backend): Promise<Recording> {
    const config = golden.setup.configs[name];
    if (config === undefined) throw new Error(`no config ${name}`);
    const [recording] = await this.#recordingsOf(`${name} again`, config, { stops: [null], backend });
    return recording as Recording;
  }

  #recordingsOf(
    name: string,
    config: GoldenConfig,
    how: { readonly stops: readonly (number | null)[]; readonly backend: Backend },
  ): Promise<readonly Recording[]> {
    const key = JSON.stringify([name, config, how.stops, how.backend.name]);
    const recordings = this.#pairs.get(key) ?? recordAll(name, config, how);
    this.#pairs.set(key, recordings);
    return recordings;
  }
}

async function recordAll(
  name: string,
  config: GoldenConfig,
  { stops, backend }: { readonly stops: readonly (number | null)[]; readonly backend: Backend },
): Promise<readonly Recording[]> {
  const folder = await mkdtemp(join(tmpdir(), 'curve-'));
  try {
    const recordings: Recording[] = [];
    for (const [i, stopAfter] of stops.entries())
      recordings.push(
        await recordOne({ config, folder, name: `${name}-${'ab'[i]}`, stopAfter, resume: i > 0 }, backend),
      );
    return recordings;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function recordOne(order: Order, backend: Backend): Promise<Recording> {
  const hook = new RecorderHook(order.stopAfter);
  const registry = createRegistry();
  for (const part of [TinyLeNet, FormulaDataset, Acc]) registry.register(part);
  const runner = await Runner.fromConfig(optionsOf(order, { hook, backend }), { registry, platform, sinks: [] });
  try {
    await runner.train().catch((error: unknown) => {
      if (!(error instanceof EngineError && error.cause instanceof BrokenOff)) throw error;
    });
    const { workDir = '', logDir = '' } = runner;
    if (hook.startWeights === undefined || hook.end === undefined) throw new Error('the run has not begun');
    return {
      firstWeights: await firstWeights(order.config),
      startWeights: hook.startWeights,
      iters: hook.iters,
      vals: hook.vals,
      end: hook.end,
      disk: await readDisk({ workDir, logDir, timestamp: logDir.slice(workDir.length + 1) }),
    };
  } finally {
    await runner.dispose();
  }
}

/** The golden config as it stands, with what a run of ours needs besides; noise is PyTorch's where there is any. */
function optionsOf(
  { config, folder, name, resume }: Order,
  { hook, backend }: { readonly hook: RecorderHook; readonly backend: Backend },
): RunnerOptions {
  const { seed } = config.randomness;
  return {
    ...config,
    backend,
    work_dir: folder,
    experiment_name: name,
    resume,
    randomness: { seed, ...(config.model.p_drop > 0 && { generator: 'torch' }) },
    custom_hooks: [hook],
  } as unknown as RunnerOptions;
}

async function firstWeights({ model, randomness }: GoldenConfig): Promise<State> {
  const made = new TinyLeNet(model.p_drop);
  try {
    made.initWeights(randomness.seed);
    return await torchState(made);
  } finally {
    made.dispose();
  }
}
