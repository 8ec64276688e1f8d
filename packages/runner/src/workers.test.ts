import { cpu } from '@engine/backend-cpu';
import { MemoryStorage, type StorageBackend } from '@engine/fileio';
import type { Hook } from '@engine/hooks';
import { SGD } from '@engine/optim';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Augmented } from './fixtures/augmented.js';
import { afterIteration, type BoringRun, LossTrace, makeBoringRun, tensorsOf } from './testing/index.js';

const runs: BoringRun[] = [];
afterEach(async () => {
  for (const { runner, model } of runs.splice(0)) {
    await runner.dispose();
    model.dispose();
  }
});

const LAST = '/runs/boring/iter_12.safetensors';

/** 3 epochs of 4 iterations; training and validation data come from `numWorkers` threads. */
function makeJob(storage: StorageBackend, numWorkers: number, more: { hooks?: Hook[]; resume?: boolean } = {}) {
  const trace = new LossTrace();
  const data = { dataset: { type: Augmented }, batchSize: 3, numWorkers, prefetchFactor: 2, timeout: 60 };
  const run = makeBoringRun(
    cpu(),
    {
      trainDataloader: { ...data, shuffle: true },
      valDataloader: data,
      optimWrapper: { optimizer: { type: SGD, lr: 0.1, momentum: 0.9 } },
      customHooks: [trace, ...(more.hooks ?? [])],
      defaultHooks: { checkpoint: { byEpoch: false, interval: 1 } },
      resume: more.resume ?? false,
    },
    { storage },
  );
  runs.push(run);
  return { run, trace };
}

describe('a run whose batches come from worker threads', () => {
  let reference: { losses: Map<number, number>; tensors: Record<string, string>; acc: unknown };
  beforeAll(async () => {
    const storage = new MemoryStorage();
    const { run, trace } = makeJob(storage, 0);
    const { metrics } = await run.runner.train();
    reference = { losses: trace.losses, tensors: await tensorsOf(storage, LAST), acc: metrics?.acc };
  });

  it('equals the one without them, bit for bit', async () => {
    const storage = new MemoryStorage();
    const { run, trace } = makeJob(storage, 2);
    const { metrics } = await run.runner.train();
    expect(new Set(trace.losses.values()).size).toBe(12);
    expect(metrics?.acc).toBe(reference.acc);
    expect([...trace.losses]).toEqual([...reference.losses]);
    expect(await tensorsOf(storage, LAST)).toEqual(reference.tensors);
  });

  it.each([
    [1, 2, 2],
    [6, 2, 1],
    [8, 1, 2],
    [11, 2, 0],
  ])('equals it when killed after iteration %i and resumed, with %i and then %i workers', async (k, before, after) => {
    const storage = new MemoryStorage();
    const die = (): never => {
      throw new Error('killed');
    };
    const first = makeJob(storage, before, { hooks: [afterIteration(k, die)] });
    await expect(first.run.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
    const second = makeJob(storage, after, { resume: true });
    await second.run.runner.train();
    expect([...first.trace.losses, ...second.trace.losses]).toEqual([...reference.losses]);
    expect(await tensorsOf(storage, LAST)).toEqual(reference.tensors);
  });
});
