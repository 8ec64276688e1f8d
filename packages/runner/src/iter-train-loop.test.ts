import { cpu } from '@engine/backend-cpu';
import type { HostArray } from '@engine/core';
import { InfiniteSampler } from '@engine/dataset';
import { MemoryStorage, type StorageBackend } from '@engine/fileio';
import type { Hook, RunContext } from '@engine/hooks';
import { SGD } from '@engine/optim';
import { ExponentialLR, LinearLR } from '@engine/scheduler';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunnerOptions } from './options.js';
import {
  afterIteration,
  BoringDataset,
  type BoringRun,
  boringRuns,
  LossTrace,
  ManualPlatform,
  tensorsOf,
} from './testing/index.js';

const boring = boringRuns(cpu);
const dataset = new BoringDataset(12);

const finite = { dataset, batchSize: 5, shuffle: true };
const endless = { dataset, batchSize: 5, sampler: new InfiniteSampler({ dataset, seed: 1 }) };

/** 11 iterations of 3 batches a pass, validated after 4, 8 and 11, saved at every iteration. */
function make(options: Partial<RunnerOptions> = {}, storage: StorageBackend = new MemoryStorage()): BoringRun {
  return boring(
    {
      trainDataloader: finite,
      trainCfg: { byEpoch: false, maxIters: 11, valInterval: 4 },
      optimWrapper: { optimizer: { type: SGD, lr: 0.1, momentum: 0.9 }, accumulativeCounts: 2 },
      defaultHooks: { checkpoint: { byEpoch: false, interval: 1, saveBest: 'auto' }, logger: { interval: 1 } },
      ...options,
    },
    { storage },
  );
}

const LAST = '/runs/boring/iter_11.safetensors';
const die = (): never => {
  throw new Error('killed');
};

describe.each([
  ['goes over its data again and again', finite],
  ['has an endless sampler', endless],
])('a run that counts in iterations and %s', (_title, trainDataloader) => {
  let reference: { losses: ReadonlyMap<number, number>; tensors: Record<string, string> };
  beforeAll(async () => {
    const [storage, trace] = [new MemoryStorage(), new LossTrace()];
    const { runner, model } = make({ trainDataloader, customHooks: [trace] }, storage);
    await runner.train();
    reference = { losses: trace.losses, tensors: await tensorsOf(storage, LAST) };
    await runner.dispose();
    model.dispose();
  });

  it.each([1, 2, 3, 4, 6, 8, 10, 11])(
    'equals the uninterrupted one bit for bit when killed after iteration %i',
    async (k) => {
      const [storage, first, second] = [new MemoryStorage(), new LossTrace(), new LossTrace()];
      const killed = make({ trainDataloader, customHooks: [first, afterIteration(k, die)] }, storage);
      await expect(killed.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
      const { runner } = make({ trainDataloader, customHooks: [second], resume: true, randomness: {} }, storage);
      const { metrics } = await runner.train();
      expect(metrics).toHaveProperty('acc');
      expect([...second.losses.keys()][0] ?? 12).toBe(k + 1);
      expect([...first.losses, ...second.losses]).toEqual([...reference.losses]);
      expect(await tensorsOf(storage, LAST)).toEqual(reference.tensors);
    },
  );

  it('runs the validation that was due when it was killed, and only that one', async () => {
    const validated: number[] = [];
    const count = (before: (ctx: RunContext) => void): Hook => ({
      name: 'Count',
      beforeVal: before,
      afterVal: (ctx) => void validated.push(ctx.iter),
    });
    const storage = new MemoryStorage();
    const killed = make({ trainDataloader, customHooks: [count((ctx) => ctx.iter === 8 && die())] }, storage);
    await expect(killed.runner.train()).rejects.toThrow('killed');
    await make({ trainDataloader, customHooks: [count(() => {})], resume: true }, storage).runner.train();
    expect(validated).toEqual([4, 8, 11]);
  });
});

describe('the loop that counts in iterations', () => {
  it('shuffles each pass anew, keeps short batches, and says once that it has begun another pass', async () => {
    const sizes: number[] = [];
    const labels: unknown[] = [];
    const see: Hook = {
      name: 'See',
      beforeTrainIter(_ctx, { batch }) {
        const { shape, data } = batch.inputs as HostArray;
        sizes.push(shape[0] as number);
        labels.push(data[0]);
      },
    };
    const { runner, lines } = make({ customHooks: [see] });
    await runner.train();
    expect(sizes).toEqual([5, 5, 2, 5, 5, 2, 5, 5, 2, 5, 5]);
    expect(new Set([labels[0], labels[3], labels[6], labels[9]]).size).toBeGreaterThan(1);
    expect(lines.filter((line) => line.startsWith('WARNING'))).toEqual([
      "WARNING The training data ended after 3 batches and goes on with its next pass; for one order without an end give the data loader sampler: { type: 'InfiniteSampler' }.",
    ]);
  });

  it('logs, saves and schedules by iteration', async () => {
    const storage = new MemoryStorage();
    const rates: number[] = [];
    const see: Hook = {
      name: 'See',
      beforeTrainIter: ({ optimWrapper }) => void rates.push(optimWrapper?.paramGroups[0]?.lr as number),
    };
    const { runner, lines } = make(
      {
        trainDataloader: endless,
        paramScheduler: [
          { type: LinearLR, startFactor: 0.5, byEpoch: false, end: 3 },
          { type: ExponentialLR, gamma: 0.1 },
        ],
        defaultHooks: { checkpoint: { byEpoch: false, interval: 5, saveBest: 'acc' }, logger: { interval: 5 } },
        customHooks: [see],
      },
      storage,
    );
    await runner.train();
    expect(rates).toEqual([
      0.05,
      expect.closeTo(0.075, 12),
      ...Array.from({ length: 9 }, () => expect.closeTo(0.1, 12)),
    ]);
    expect(lines.some((line) => line.startsWith('INFO Iter(train) [ 5/11]  lr: 1.0000e-01  eta: '))).toBe(true);
    expect(lines.filter((line) => line.startsWith('INFO Iter(val) [3/3]    acc: '))).toHaveLength(3);
    expect(lines.some((line) => /best acc [\d.]+ \(iter \d+\)/.test(line))).toBe(true);
    const files = await storage.list('/runs/boring');
    expect(files).toEqual(
      expect.arrayContaining(['iter_5.safetensors', 'iter_10.safetensors', 'iter_11.safetensors', 'last_checkpoint']),
    );
    const [stamp = ''] = files.filter((name) => /^\d{8}_\d{6}$/.test(name));
    const rows = new TextDecoder().decode(await storage.get(`/runs/boring/${stamp}/vis_data/scalars.json`));
    const steps = rows.split('\n').flatMap((row) => (row === '' ? [] : [JSON.parse(row) as Record<string, number>]));
    expect(steps.map(({ iter, step, acc }) => [iter, step, acc !== undefined])).toEqual([
      [3, 3, false], // as MMEngine: where a pass of the loader would end
      [4, 4, true],
      [5, 5, false],
      [8, 8, true],
      [10, 10, false],
      [11, 11, true],
    ]);
  });

  it('is foreseen by the schedule', async () => {
    const paramScheduler = [
      { type: LinearLR, startFactor: 0.5, byEpoch: false, end: 3 } as const,
      { type: ExponentialLR, gamma: 0.1 } as const,
    ];
    const { values } = (await make({ paramScheduler }).runner.schedule()).curves[0] ?? {};
    expect([...(values ?? [])]).toEqual([
      0.05,
      expect.closeTo(0.075, 12),
      ...Array.from({ length: 9 }, () => expect.closeTo(0.1, 12)),
    ]);
  });

  it('saves where a signal stops it, without the end of the epoch', async () => {
    const [storage, platform, points] = [new MemoryStorage(), new ManualPlatform(), [] as string[]];
    const note = (point: string) => () => void points.push(point);
    const hook: Hook = {
      name: 'Note',
      beforeVal: note('val'),
      afterTrainEpoch: note('afterTrainEpoch'),
      afterTrain: note('afterTrain'),
    };
    const { runner } = boring(
      {
        trainCfg: { byEpoch: false, maxIters: 9, valInterval: 4 },
        defaultHooks: { checkpoint: { interval: 1 } },
        customHooks: [hook, afterIteration(4, () => platform.send('SIGTERM'))],
      },
      { storage, platform },
    );
    expect(await runner.train()).toMatchObject({ stoppedBy: 'SIGTERM', checkpoint: '/runs/boring/iter_4.safetensors' });
    expect(points).toEqual(['afterTrain']);
  });

  it('ends its one epoch when a hook asks it to stop, after the validation that is due', async () => {
    const points: string[] = [];
    const hook: Hook = {
      name: 'Note',
      beforeVal: (ctx) => void points.push(`val ${ctx.iter}`),
      afterTrainEpoch: (ctx) => void points.push(`afterTrainEpoch ${ctx.iter}`),
    };
    const stop = afterIteration(4, (ctx) => ctx.requestStop('enough'));
    const { runner, storage } = make({ customHooks: [hook, stop] });
    await runner.train();
    expect(points).toEqual(['val 4', 'afterTrainEpoch 4']);
    expect(await storage.exists('/runs/boring/iter_4.safetensors')).toBe(true);
  });

  it('goes on from a checkpoint of another number of batches with a warning', async () => {
    const storage = new MemoryStorage();
    await make({ trainCfg: { byEpoch: false, maxIters: 4 } }, storage).runner.train();
    const trainDataloader = { dataset, batchSize: 2, shuffle: true };
    const { runner, lines } = make({ trainDataloader, resume: true, allowChanges: true }, storage);
    await runner.train();
    expect(lines.join('\n')).toContain('was saved with passes of another length than 6 batches');
  });

  it('keeps the number of live tensors flat from pass to pass', async () => {
    const counts = new Set<number>();
    const hook: Hook = {
      name: 'Memory',
      beforeTrainIter: (ctx) => void (ctx.iter >= 3 && counts.add(tf.memory().numTensors)),
    };
    await make({
      trainCfg: { byEpoch: false, maxIters: 16, valInterval: 2 },
      optimWrapper: { optimizer: { type: SGD, lr: 0.1 } },
      customHooks: [hook],
    }).runner.train();
    expect(counts.size).toBe(1);
  });

  it('draws as PyTorch does for every pass', async () => {
    const seeds = { finite: [] as number[], resumed: [] as number[] };
    const run = async (losses: number[], storage: StorageBackend, options: Partial<RunnerOptions>) => {
      const trace = new LossTrace();
      const customHooks = [trace, ...(options.customHooks ?? [])];
      const { runner } = make({ randomness: { seed: 5, generator: 'torch' }, ...options, customHooks }, storage);
      await runner.train().catch(() => {});
      losses.push(...trace.losses.values());
    };
    await run(seeds.finite, new MemoryStorage(), {});
    const storage = new MemoryStorage();
    for (const k of [3, 4, 7])
      await run(seeds.resumed, storage, { customHooks: [afterIteration(k, die)], resume: true });
    await run(seeds.resumed, storage, { resume: true });
    expect(seeds.finite).toHaveLength(11);
    expect(seeds.resumed).toEqual(seeds.finite);
  });
});
