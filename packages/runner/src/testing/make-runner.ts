import type { Backend } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import type { LogRecord } from '@engine/logging';
import { SGD } from '@engine/optim';
import { LinearLR } from '@engine/scheduler';
import { afterEach } from 'vitest';
import type { RunnerOptions } from '../options.js';
import { Runner } from '../runner.js';
import type { RunnerRuntime } from '../runtime.js';
import { BoringDataset, BoringMetric, BoringModel, ManualPlatform } from './boring.js';

/** A runner whose files and log are in memory. */
export interface BoringRun {
  readonly runner: Runner;
  readonly model: BoringModel;
  readonly storage: RunnerRuntime['storage'] & object;
  readonly platform: ManualPlatform;
  /** Log lines without time. */
  readonly lines: string[];
}

/**
 * A runner of the boring model: 12 samples in batches of 3, so 4 iterations an epoch, 3 epochs, momentum, a schedule by iteration.
 * What `options` and `runtime` say wins.
 */
export function makeBoringRun(
  backend: Backend,
  options: Partial<RunnerOptions> = {},
  runtime: RunnerRuntime = {},
): BoringRun {
  const lines: string[] = [];
  const model = new BoringModel();
  const storage = runtime.storage ?? new MemoryStorage();
  const platform = (runtime.platform as ManualPlatform | undefined) ?? new ManualPlatform();
  const sink = {
    level: 'DEBUG' as const,
    write: (record: LogRecord) => void lines.push(`${record.level} ${record.message}`),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const runner = new Runner(
    {
      backend,
      model,
      workDir: '/runs/boring',
      trainDataloader: { dataset: new BoringDataset(12), batchSize: 3, shuffle: true },
      trainCfg: { byEpoch: true, maxEpochs: 3 },
      optimWrapper: { optimizer: { type: SGD, lr: 0.1, momentum: 0.9 } },
      paramScheduler: { type: LinearLR, startFactor: 0.1, byEpoch: false, end: 6 },
      valDataloader: { dataset: new BoringDataset(7), batchSize: 3 },
      valCfg: {},
      valEvaluator: new BoringMetric(),
      randomness: { seed: 1 },
      ...options,
    },
    { platform, storage, sinks: [sink], ...runtime },
  );
  return { runner, model, storage, platform, lines };
}

/** For the top of a test file: gives what makes boring runs there; each is freed after its test. */
export function boringRuns(
  backend: () => Backend,
): (options?: Partial<RunnerOptions>, runtime?: RunnerRuntime) => BoringRun {
  const runs: BoringRun[] = [];
  afterEach(async () => {
    for (const { runner, model } of runs.splice(0)) {
      await runner.dispose();
      model.dispose();
    }
  });
  return (options, runtime) => {
    const run = makeBoringRun(backend(), options, runtime);
    runs.push(run);
    return run;
  };
}
