import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@engine/backend-cpu';
import { LocalStorage, MemoryStorage, readSafetensors, type StorageBackend, writeSafetensors } from '@engine/fileio';
import { FaultyStorage } from '@engine/fileio/testing';
import type { Hook } from '@engine/hooks';
import { SGD } from '@engine/optim';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import type { RunnerOptions } from './options.js';
import { afterIteration, BoringDataset, type BoringRun, LossTrace, makeBoringRun, tensorsOf } from './testing/index.js';

const runs: BoringRun[] = [];
afterEach(async () => {
  for (const { runner, model } of runs.splice(0)) {
    await runner.dispose();
    model.dispose();
  }
});

interface Job {
  readonly run: BoringRun;
  readonly trace: LossTrace;
}

/** 3 epochs of 4 iterations with momentum, dropout, a schedule, and accumulation windows of 3 that cross epochs. */
function makeJob(storage: StorageBackend, hooks: readonly Hook[] = [], options: Partial<RunnerOptions> = {}): Job {
  const trace = new LossTrace();
  const run = makeBoringRun(
    cpu(),
    {
      optimWrapper: { optimizer: { type: SGD, lr: 0.1, momentum: 0.9 }, accumulativeCounts: 3 },
      customHooks: [trace, ...hooks],
      defaultHooks: { checkpoint: { byEpoch: false, interval: 1 } },
      ...options,
    },
    { storage },
  );
  runs.push(run);
  return { run, trace };
}

const LAST = '/runs/boring/iter_12.safetensors';
const die = (): never => {
  throw new Error('killed');
};

describe('a resumed run', () => {
  let reference: { losses: Map<number, number>; tensors: Record<string, string> };
  beforeAll(async () => {
    const storage = new MemoryStorage();
    const { run, trace } = makeJob(storage);
    await run.runner.train();
    reference = { losses: trace.losses, tensors: await tensorsOf(storage, LAST) };
    await run.runner.dispose();
    run.model.dispose();
    runs.length = 0;
  });

  const expectTheSame = async (
    storage: StorageBackend,
    losses: ReadonlyMap<number, number>,
    last = LAST,
  ): Promise<void> => {
    expect([...losses]).toEqual([...reference.losses]);
    expect(await tensorsOf(storage, last)).toEqual(reference.tensors);
  };

  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'equals the uninterrupted one bit for bit when killed after iteration %i',
    async (k) => {
      const storage = new MemoryStorage();
      const first = makeJob(storage, [afterIteration(k, die)]);
      await expect(first.run.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
      const second = makeJob(storage, [], { resume: true, randomness: {} });
      const result = await second.run.runner.train();
      expect(result.metrics).toHaveProperty('acc');
      expect([...second.trace.losses.keys()][0] ?? 13).toBe(k + 1);
      await expectTheSame(storage, new Map([...first.trace.losses, ...second.trace.losses]));
    },
  );

  it('equals it too when killed again and again, and when nothing but epochs is saved', async () => {
    const storage = new MemoryStorage();
    const options: Partial<RunnerOptions> = {
      defaultHooks: { checkpoint: { interval: 1, filenameTmpl: 'iter_{}.safetensors' } } as never,
    };
    const losses = new Map<number, number>();
    for (const k of [2, 5, 6, 11]) {
      const job = makeJob(storage, [afterIteration(k, die)], { ...options, resume: true });
      await expect(job.run.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
      for (const [iter, loss] of job.trace.losses) losses.set(iter, loss);
    }
    const job = makeJob(storage, [], { ...options, resume: true });
    await job.run.runner.train();
    for (const [iter, loss] of job.trace.losses) losses.set(iter, loss);
    await expectTheSame(storage, losses, '/runs/boring/iter_3.safetensors');
  });

  it('keeps the whole history of losses, the rates and the best score', async () => {
    const storage = new MemoryStorage();
    await expect(makeJob(storage, [afterIteration(6, die)]).run.runner.train()).rejects.toThrow('killed');
    await makeJob(storage, [], { resume: true }).run.runner.train();
    const { sections } = await readCheckpoint(storage, LAST);
    const hub = sections.get('messageHub') as {
      scalars: Record<string, { values: string }>;
      infos: Record<string, unknown>;
    };
    expect(Object.keys(hub.scalars)).toEqual(expect.arrayContaining(['train/lr', 'train/loss', 'val/acc']));
    expect(Buffer.from(hub.scalars['train/loss']?.values ?? '', 'base64').length).toBe(12 * 8);
  });

  it('runs the validation that was due when it was killed', async () => {
    const storage = new MemoryStorage();
    const epochs: Partial<RunnerOptions> = { defaultHooks: { checkpoint: { interval: 1 } } };
    const dieInValidation: Hook = {
      name: 'DieInValidation',
      beforeVal: (ctx) => (ctx.epoch === 2 ? die() : undefined),
    };
    await expect(makeJob(storage, [dieInValidation], epochs).run.runner.train()).rejects.toThrow('killed');
    const { run } = makeJob(storage, [], { ...epochs, resume: true });
    await run.runner.train();
    expect(run.lines.filter((line) => /Epoch\((train|val)\)/.test(line)).map((line) => line.slice(5, 18))).toEqual([
      'Epoch(val) [2',
      'Epoch(train) ',
      'Epoch(val) [3',
    ]);
  });

  it('equals it when the disk was full at byte N of a save, for many N', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engine-runner-'));
    try {
      let failures = 0;
      for (let n = 0; n < 16; n += 1) {
        const workDir = join(folder, String(n));
        const disk = new FaultyStorage(new LocalStorage(), { failAtByte: 900 + n * 3301 });
        const first = makeJob(disk, [], { workDir });
        const failure: unknown = await first.run.runner.train().catch((error: unknown) => error);
        expect(failure).toMatchObject({
          code: expect.stringMatching(/^ENGINE_(RUNNER_SAVE_FAILED|RUNNER_WORK_DIR_UNWRITABLE|FILEIO_NO_SPACE)$/),
        });
        failures += (failure as { code: string }).code === 'ENGINE_RUNNER_SAVE_FAILED' ? 1 : 0;
        disk.bytesLeft = Number.POSITIVE_INFINITY;
        const second = makeJob(disk, [], { workDir, resume: true });
        await second.run.runner.train();
        await expectTheSame(
          disk,
          new Map([...first.trace.losses, ...second.trace.losses].sort(([a], [b]) => a - b)),
          join(workDir, 'iter_12.safetensors'),
        );
      }
      expect(failures).toBeGreaterThanOrEqual(5);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('passes over a half-written file and takes the one before', async () => {
    const storage = new MemoryStorage();
    const first = makeJob(storage, [afterIteration(6, die)]);
    await expect(first.run.runner.train()).rejects.toThrow('killed');
    const whole = await storage.get('/runs/boring/iter_6.safetensors');
    await storage.put('/runs/boring/iter_6.safetensors', whole.subarray(0, whole.length - 5));
    await storage.put('/runs/boring/iter_5.safetensors', new Uint8Array(3));
    const second = makeJob(storage, [], { resume: true });
    await second.run.runner.train();
    expect(second.run.lines.filter((line) => line.startsWith('WARNING Skipping'))).toEqual([
      expect.stringMatching(/^WARNING Skipping \/runs\/boring\/iter_6\.safetensors: .*ENGINE_RUNNER_CHECKPOINT_BROKEN/),
      expect.stringMatching(/^WARNING Skipping \/runs\/boring\/iter_5\.safetensors: .*ENGINE_RUNNER_CHECKPOINT_BROKEN/),
    ]);
    expect([...second.trace.losses.keys()][0]).toBe(5);
    await expectTheSame(storage, new Map([...[...first.trace.losses].slice(0, 4), ...second.trace.losses]));
  });

  it('takes the newest whole one when last_checkpoint names nothing', async () => {
    const storage = new MemoryStorage();
    await expect(makeJob(storage, [afterIteration(6, die)]).run.runner.train()).rejects.toThrow('killed');
    await storage.put('/runs/boring/last_checkpoint', new Uint8Array());
    const { run, trace } = makeJob(storage, [], { resume: true });
    await run.runner.train();
    expect([...trace.losses.keys()][0]).toBe(7);
  });
});

describe('resume', () => {
  async function trained(k = 6): Promise<MemoryStorage> {
    const storage = new MemoryStorage();
    await expect(makeJob(storage, [afterIteration(k, die)]).run.runner.train()).rejects.toThrow('killed');
    return storage;
  }
  const resumed = (storage: StorageBackend, options: Partial<RunnerOptions>): BoringRun =>
    makeJob(storage, [], { resume: true, ...options }).run;

  it('says so when there is nothing, and starts fresh', async () => {
    const run = resumed(new MemoryStorage(), {});
    await run.runner.train();
    expect(run.lines).toContain('INFO There is nothing to resume in /runs/boring: starting a fresh run.');
  });

  it('takes a path, or that of loadFrom', async () => {
    const storage = await trained();
    for (const options of [
      { resume: '/runs/boring/iter_2.safetensors' },
      { resume: true, loadFrom: '/runs/boring/iter_2.safetensors' },
    ]) {
      const run = resumed(storage, { ...options, workDir: '/runs/other' });
      await run.runner.train();
      expect(run.lines.find((line) => line.includes('resumed'))).toMatch(/^INFO resumed epoch: 0, iter: 2, from /);
    }
    await expect(resumed(storage, { resume: '/runs/nothing' }).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_CHECKPOINT_MISSING',
    });
  });

  it('refuses a checkpoint of other schedulers, another epoch length or without optimizer', async () => {
    const storage = await trained();
    await expect(resumed(storage, { paramScheduler: [], allowChanges: true }).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_CHECKPOINT_MISMATCH',
    });
    const halved = { trainDataloader: { dataset: new BoringDataset(12), batchSize: 2 }, allowChanges: true };
    await expect(resumed(storage, halved).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_CHECKPOINT_MISMATCH',
      received: 'iteration 6',
    });
    await edit(storage, '/runs/boring/iter_6.safetensors', (header) => delete header['paramGroups']);
    await expect(resumed(storage, {}).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_CHECKPOINT_WITHOUT_STATE',
    });
  });

  it('refuses another world size inside an epoch and warns of it between epochs', async () => {
    const storage = await trained();
    const setWorldSize = (header: Record<string, unknown>): void =>
      void Object.assign(header['meta'] as object, { worldSize: 2 });
    await edit(storage, '/runs/boring/iter_6.safetensors', setWorldSize);
    await expect(resumed(storage, {}).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_CHECKPOINT_WORLD_SIZE',
    });
    await edit(storage, '/runs/boring/iter_4.safetensors', (header) => {
      setWorldSize(header);
      Object.assign(header['meta'] as object, { epoch: 1, batchInEpoch: 0 });
    });
    const run = resumed(storage, { resume: '/runs/boring/iter_4.safetensors' });
    await run.runner.train();
    expect(run.lines).toContain(
      'WARNING /runs/boring/iter_4.safetensors was saved by 2 processes and is resumed by 1: results will differ.',
    );
  });
});

/** Changes the JSON of a checkpoint. */
async function edit(
  storage: StorageBackend,
  path: string,
  change: (header: Record<string, unknown>) => unknown,
): Promise<void> {
  const { tensors, metadata } = readSafetensors(await storage.get(path));
  const header = JSON.parse(metadata['engine'] ?? '') as Record<string, unknown>;
  change(header);
  await storage.put(path, writeSafetensors(tensors, { engine: JSON.stringify(header) }));
}
