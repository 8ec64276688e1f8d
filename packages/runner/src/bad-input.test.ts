import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@engine/backend-cpu';
import { DataLoader } from '@engine/dataset';
import { LocalStorage, MemoryStorage } from '@engine/fileio';
import type { Hook } from '@engine/hooks';
import { BaseModel, crossEntropy, Flatten, Linear, type Mode } from '@engine/model';
import { SGD } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import { TestLoop, ValLoop } from './eval-loop.js';
import { Runner } from './runner.js';
import { BoringDataset, BoringMetric, BoringModel, type BoringRun, boringRuns } from './testing/index.js';
import { EpochBasedTrainLoop } from './train-loop.js';

const boring = boringRuns(cpu);
const make = (options: object = {}, storage = new MemoryStorage()): BoringRun => boring(options, { storage });

describe('options', () => {
  it.each([
    [
      { trainCfg: undefined },
      'ENGINE_RUNNER_INCOMPLETE',
      'trainCfg',
      'trainDataloader and optimWrapper without trainCfg',
    ],
    [
      { optimWrapper: undefined },
      'ENGINE_RUNNER_INCOMPLETE',
      'optimWrapper',
      'trainDataloader and trainCfg without optimWrapper',
    ],
    [
      { valEvaluator: undefined },
      'ENGINE_RUNNER_INCOMPLETE',
      'valEvaluator',
      'valDataloader and valCfg without valEvaluator',
    ],
    [{ testCfg: {} }, 'ENGINE_RUNNER_INCOMPLETE', 'testDataloader', 'testCfg without testDataloader and testEvaluator'],
    [{ model: null }, 'ENGINE_RUNNER_INCOMPLETE', 'model', 'no model'],
    [{ backend: undefined }, 'ENGINE_RUNNER_INCOMPLETE', 'backend', 'no backend'],
    [{ paramScheduler: { gamma: 1 } }, 'ENGINE_RUNNER_BAD_SCHEDULER', 'paramScheduler', 'an object with gamma'],
    [{ paramScheduler: [3] }, 'ENGINE_RUNNER_BAD_SCHEDULER', 'paramScheduler.0', '3'],
    [{ randomness: { seed: -1 } }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE', 'randomness.seed', 'seed = -1'],
    [
      { randomness: { generator: 'philox' } },
      'ENGINE_REGISTRY_BAD_OPTION_VALUE',
      'randomness.generator',
      'generator = "philox"',
    ],
    [{ resume: 3 }, 'ENGINE_REGISTRY_BAD_OPTION_TYPE', 'resume', 'resume = 3'],
    [{ log_level: 'LOUD' }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE', 'log_level', 'log_level = "LOUD"'],
    [{ autoScaleLr: { enable: true } }, 'ENGINE_REGISTRY_MISSING_OPTION', 'autoScaleLr.baseBatchSize', undefined],
    [{ paramSchedulr: [] }, 'ENGINE_CONFIG_UNKNOWN_KEY', 'paramSchedulr', 'paramSchedulr = []'],
    [
      { trainDataloader: undefined, trainCfg: undefined, optimWrapper: undefined },
      'ENGINE_RUNNER_SCHEDULER_WITHOUT_OPTIMIZER',
      'paramScheduler',
      'paramScheduler without optimWrapper',
    ],
  ])('%j are refused by the constructor', (options, code, subject, received) => {
    const expected = { code, subject, ...(received !== undefined && { received }) };
    expect(() => make(options)).toThrowError(expect.objectContaining(expected));
  });

  it('report training before schedulers before validation', () => {
    const broken = { trainCfg: undefined, paramScheduler: 3, valCfg: undefined };
    expect(() => make(broken)).toThrowError(expect.objectContaining({ subject: 'trainCfg' }));
    expect(() => make({ ...broken, trainCfg: { byEpoch: true, maxEpochs: 1 } })).toThrowError(
      expect.objectContaining({ subject: 'paramScheduler' }),
    );
  });

  it.each([
    [{ trainCfg: { maxEpochs: 3 } }, 'ENGINE_RUNNER_BAD_LOOP_CONFIG', 'neither type nor byEpoch'],
    [
      { trainCfg: { byEpoch: true, type: EpochBasedTrainLoop, maxEpochs: 3 } },
      'ENGINE_RUNNER_BAD_LOOP_CONFIG',
      'both type and byEpoch',
    ],
    [{ trainCfg: { byEpoch: false, maxIters: 0 } }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE', undefined],
    [{ trainCfg: { byEpoch: false, maxEpochs: 3 } }, 'ENGINE_REGISTRY_UNKNOWN_OPTION', undefined],
    [
      {
        trainCfg: { byEpoch: false, maxIters: 3 },
        paramScheduler: undefined,
        trainDataloader: { dataset: new BoringDataset(2), batchSize: 3, dropLast: true },
      },
      'ENGINE_DATASET_NO_BATCH',
      '2 samples on this rank, batchSize = 3, dropLast = true',
    ],
    [
      {
        trainCfg: { byEpoch: false, maxIters: 3 },
        paramScheduler: undefined,
        trainDataloader: new DataLoader({ dataset: new BoringDataset(2), batchSize: 3, dropLast: true }),
      },
      'ENGINE_RUNNER_NO_BATCHES',
      'no batch: 2 samples in batches of 3',
    ],
    [{ trainCfg: { byEpoch: true, maxEpochs: 0 } }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE', undefined],
    [{ trainCfg: { byEpoch: true, maxEpoch: 3 } }, 'ENGINE_REGISTRY_UNKNOWN_OPTION', undefined],
    [{ valCfg: { type: EpochBasedTrainLoop, maxEpochs: 1 } }, 'ENGINE_RUNNER_BAD_LOOP_CONFIG', undefined],
    [{ trainCfg: { type: ValLoop } }, 'ENGINE_RUNNER_BAD_LOOP_CONFIG', undefined],
    [{ trainCfg: { type: TestLoop } }, 'ENGINE_RUNNER_BAD_LOOP_CONFIG', undefined],
    [{ trainCfg: { type: 'NoLoop' } }, 'ENGINE_REGISTRY_UNKNOWN_NAME', undefined],
    [{ model: new Flatten() }, 'ENGINE_RUNNER_BAD_COMPONENT', undefined],
    [{ trainDataloader: new BoringDataset(3) }, 'ENGINE_RUNNER_BAD_COMPONENT', undefined],
    [{ optimWrapper: new BoringMetric() }, 'ENGINE_RUNNER_BAD_COMPONENT', undefined],
    [{ defaultHooks: { nothing: null } }, 'ENGINE_HOOKS_UNKNOWN_DEFAULT', undefined],
  ])('%j are refused before anything is trained or moved', async (options, code, received) => {
    const storage = new MemoryStorage();
    await storage.put('/runs/boring/epoch_9.safetensors', new Uint8Array(3));
    const { runner } = make(options, storage);
    await expect(runner.train()).rejects.toMatchObject({ code, ...(received !== undefined && { received }) });
    expect(await storage.exists('/runs/boring/epoch_9.safetensors')).toBe(true);
    await (await storage.lock('/runs/boring/run'))();
  });

  it('of a config are blamed on their line', async () => {
    const locate = (path: string): { file: string; line: number } => ({ file: 'run.yaml', line: path.length });
    const options = {
      backend: cpu(),
      model: new BoringModel(),
      valDataloader: { dataset: new BoringDataset(3) },
      valCfg: {},
      valEvaluator: new BoringMetric(),
    };
    const runner = new Runner(options as never, { storage: new MemoryStorage(), sinks: [], locate });
    await expect(runner.val()).rejects.toMatchObject({
      code: 'ENGINE_REGISTRY_MISSING_OPTION',
      at: { file: 'run.yaml' },
    });
  });
});

describe('a loss that is not finite', () => {
  class Exploding extends BoringModel {
    calls = 0;
    override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
      const out = super.forward(images, labels, mode);
      if (mode !== 'loss') return out;
      this.calls += 1;
      return this.calls < 6 ? out : { loss: tf.mul((out as { loss: tf.Tensor }).loss, Number.NaN) };
    }
  }

  it('ends the run, names the iteration and never reaches a checkpoint', async () => {
    const model = new Exploding();
    const { runner, storage } = make({ model });
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_NON_FINITE_LOSS',
      received: 'loss = NaN in iteration 6',
      action: expect.stringContaining('the last good checkpoint is /runs/boring/epoch_1.safetensors'),
    });
    expect(await storage.exists('/runs/boring/epoch_2.safetensors')).toBe(false);
    model.dispose();
  });

  it('is found by a save where nothing logs', async () => {
    const model = new Exploding();
    const { runner } = make({ model, defaultHooks: { logger: null, checkpoint: { interval: 2 } } });
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_NON_FINITE_LOSS',
      action: expect.stringContaining('no checkpoint was saved before'),
    });
    model.dispose();
  });

  it('is found at the right iteration of a resumed run', async () => {
    const { storage, runner } = make({ trainCfg: { byEpoch: true, maxEpochs: 1 } });
    await runner.train();
    const model = new Exploding();
    const again = make({ model, resume: true, allowChanges: true }, storage as MemoryStorage);
    await expect(again.runner.train()).rejects.toMatchObject({ received: 'loss = NaN in iteration 10' });
    model.dispose();
  });
});

describe('a checkpoint', () => {
  class Other extends BaseModel {
    readonly flatten = new Flatten();
    readonly head = new Linear(8, 4);
    readonly extra = new Linear(4, 3);
    override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
      const logits = this.extra.apply(
        this.head.apply(this.flatten.apply(images) as tf.Tensor2D) as tf.Tensor2D,
      ) as tf.Tensor2D;
      return mode === 'loss' ? { loss: crossEntropy(logits, labels) } : [logits, labels];
    }
  }

  it('of another model is refused, with names and shapes', async () => {
    const { storage, runner } = make();
    await runner.train();
    const mismatch = { code: 'ENGINE_RUNNER_CHECKPOINT_MISMATCH', subject: '/runs/boring/epoch_3.safetensors' };
    for (const options of [
      { resume: true, allowChanges: true },
      { loadFrom: '/runs/boring/epoch_3.safetensors', workDir: '/runs/b' },
    ]) {
      const model = new Other();
      const other = make({ model, ...options }, storage as MemoryStorage);
      await expect(other.runner.train()).rejects.toMatchObject({
        ...mismatch,
        received: expect.stringMatching(/head\.weight \(3, 8\) instead of \(4, 8\)/),
      });
      await expect(other.runner.val()).rejects.toMatchObject(mismatch);
      model.dispose();
    }
    expect(await storage.exists('/runs/boring/epoch_3.safetensors')).toBe(true);
  });

  it('may lack weights, or have some more, where training starts from it', async () => {
    class Longer extends BoringModel {
      readonly extra = new Linear(3, 3);
    }
    const { storage, runner } = make();
    await runner.train();
    const model = new Longer();
    const other = make(
      { model, loadFrom: '/runs/boring/epoch_3.safetensors', workDir: '/runs/b' },
      storage as MemoryStorage,
    );
    await other.runner.train();
    expect(other.lines).toContain(
      'WARNING Not in /runs/boring/epoch_3.safetensors, left as they are: extra.weight, extra.bias',
    );
    const back = make({ loadFrom: '/runs/b/epoch_3.safetensors', workDir: '/runs/c' }, storage as MemoryStorage);
    await back.runner.train();
    expect(back.lines).toContain(
      'WARNING In /runs/b/epoch_3.safetensors but not in the model, left out: extra.weight, extra.bias',
    );
    model.dispose();
  });

  it('that cannot be written ends the run and names the one before', async () => {
    const disk = new MemoryStorage();
    const block: Hook = { name: 'Block', beforeTrain: () => disk.makeDir('/runs/boring/epoch_2.safetensors') };
    const { runner, storage } = make({ customHooks: [block] }, disk);
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_SAVE_FAILED',
      subject: '/runs/boring/epoch_2.safetensors',
      action: expect.stringContaining('/runs/boring/epoch_1.safetensors is untouched'),
    });
    expect((await readCheckpoint(storage, '/runs/boring/epoch_1.safetensors')).meta.epoch).toBe(1);
  });

  it('cannot be asked for before training is set up', async () => {
    const eager: Hook = {
      name: 'Eager',
      beforeVal: async (ctx) => void (await ctx.saveCheckpoint({ fileName: 'x.safetensors' })),
    };
    const { runner } = make({ customHooks: [eager] });
    await expect(runner.val()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_HOOK_STOPPED',
      action: 'save in beforeTrain or later',
    });
  });
});

describe('a work dir', () => {
  it('that is in use is refused, and the run in it is not disturbed', async () => {
    const storage = new MemoryStorage();
    const unlock = await storage.lock('/runs/boring/run');
    await expect(make({}, storage).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_WORK_DIR_LOCKED',
      subject: '/runs/boring',
      exitCode: 1,
    });
    expect(await storage.list('/runs/boring')).toEqual([]);
    await make({}, storage).runner.val();
    await unlock();
    await make({}, storage).runner.train();
  });

  it('that cannot be written is refused before any training', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engine-runner-'));
    try {
      await writeFile(join(folder, 'file'), '');
      await chmod(join(folder, 'file'), 0o444);
      const run = boring({ workDir: join(folder, 'file') }, { storage: new LocalStorage() });
      await expect(run.runner.train()).rejects.toMatchObject({
        code: 'ENGINE_RUNNER_WORK_DIR_UNWRITABLE',
        exitCode: 2,
      });
      expect(run.lines).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

it('optimizers refuse what is not one, with the path in the config', async () => {
  await expect(
    make({ optimWrapper: { optimizer: { type: SGD, lr: 0.1, momentm: 0.9 } } }).runner.train(),
  ).rejects.toMatchObject({
    code: 'ENGINE_REGISTRY_UNKNOWN_OPTION',
    subject: 'optimWrapper.optimizer.momentm',
  });
});
