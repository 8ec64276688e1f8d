import { cpu } from '@engine/backend-cpu';
import { hostArray } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import { SGD } from '@engine/optim';
import { MultiStepLR } from '@engine/scheduler';
import { describe, expect, it } from 'vitest';
import { Runner } from './runner.js';
import {
  BoringDataset,
  BoringMetric,
  BoringModel,
  type BoringRun,
  boringRuns,
  ManualPlatform,
} from './testing/index.js';

const make = boringRuns(cpu);

const text = async (storage: BoringRun['storage'], path: string): Promise<string> =>
  new TextDecoder().decode(await storage.get(path));
const STAMP = '20261121_101500'.replace(
  '10',
  String(new Date(Date.UTC(2026, 10, 21, 10, 15)).getHours()).padStart(2, '0'),
);

describe('train()', () => {
  it('trains, validates, saves and tells what became of it', async () => {
    const { runner, lines, storage } = make();
    const result = await runner.train();
    expect(result).toMatchObject({
      stoppedBy: undefined,
      checkpoint: '/runs/boring/epoch_3.safetensors',
      logFile: `/runs/boring/${STAMP}/${STAMP}.log`,
    });
    expect(typeof result.metrics?.['acc']).toBe('number');
    expect(await storage.list('/runs/boring')).toEqual([
      STAMP,
      `${STAMP}.json`,
      'epoch_1.safetensors',
      'epoch_2.safetensors',
      'epoch_3.safetensors',
      'last_checkpoint',
    ]);
    expect(await storage.list(`/runs/boring/${STAMP}`)).toEqual([`${STAMP}.log`, 'vis_data']);
    expect(await text(storage, '/runs/boring/last_checkpoint')).toBe('epoch_3.safetensors');
    expect(lines[0]).toBe(
      `INFO engine 0.0.0 · backend cpu (javascript, 1 thread) · BoringDataset 12/7 · BoringModel 31 parameters · run /runs/boring/${STAMP}`,
    );
    expect(lines.filter((line) => /Epoch\(/.test(line)).map((line) => line.slice(0, 26))).toEqual([
      'INFO Epoch(train) [1][4/4]',
      'INFO Epoch(val) [1][3/3]  ',
      'INFO Epoch(train) [2][4/4]',
      'INFO Epoch(val) [2][3/3]  ',
      'INFO Epoch(train) [3][4/4]',
      'INFO Epoch(val) [3][3/3]  ',
    ]);
    expect(lines.at(-1)).toMatch(
      new RegExp(
        `^INFO done in \\d+ s · acc [\\d.]+ · checkpoint /runs/boring/epoch_3\\.safetensors · log /runs/boring/${STAMP}/${STAMP}\\.log$`,
      ),
    );
    const log = await text(storage, `/runs/boring/${STAMP}/${STAMP}.log`);
    expect(log).toContain(' - engine - INFO - done in ');
    expect(JSON.parse(await text(storage, `/runs/boring/${STAMP}.json`))).toMatchObject({
      trainCfg: { byEpoch: true, maxEpochs: 3 },
      optimWrapper: { optimizer: { type: 'SGD', lr: 0.1 } },
    });
    const scalars = (await text(storage, `/runs/boring/${STAMP}/vis_data/scalars.json`))
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(scalars).toHaveLength(6);
    expect(scalars[1]).toMatchObject({ epoch: 1, iter: 4, step: 4, acc: expect.any(Number) });
  });

  it('learns, and the same seed gives the same losses', async () => {
    const losses = async (seed: number): Promise<string[]> => {
      const { runner, lines } = make({ randomness: { seed }, trainCfg: { byEpoch: true, maxEpochs: 6 } });
      await runner.train();
      return lines.flatMap((line) => /train.*loss: ([\d.]+)/.exec(line)?.[1] ?? []);
    };
    const first = await losses(3);
    expect(await losses(3)).toEqual(first);
    expect(await losses(4)).not.toEqual(first);
    expect(Number(first.at(-1))).toBeLessThan(Number(first[0]));
  });

  it('keeps weights that are in the model already', async () => {
    const { runner, model } = make({ optimWrapper: { optimizer: { type: SGD, lr: 0 } } });
    const weight = hostArray(
      'float32',
      [3, 8],
      Float32Array.from({ length: 24 }, (_, i) => i),
    );
    model.head.loadStateDict(new Map([['weight', weight]]), { strict: false });
    await runner.train();
    expect((await model.head.stateDict()).get('weight')).toEqual(weight);
  });

  it('draws a seed where none is given, and writes it down', async () => {
    const { runner, lines } = make({ randomness: {}, logLevel: 'DEBUG' });
    await runner.train();
    const seeds = lines.flatMap((line) => /"seed":(\d+)/.exec(line)?.[1] ?? []);
    expect(seeds).toHaveLength(1);
    expect(Number(seeds[0])).toBeLessThan(2 ** 31);
  });

  it('runs without hooks and without validation', async () => {
    const { runner, storage } = make({
      defaultHooks: false,
      valDataloader: undefined,
      valCfg: undefined,
      valEvaluator: undefined,
    } as never);
    expect(await runner.train()).toMatchObject({ metrics: undefined, checkpoint: undefined });
    expect(await storage.list('/runs/boring')).toEqual([STAMP, `${STAMP}.json`]);
  });

  it('keeps the best checkpoint and names it at the end', async () => {
    const { runner, lines } = make(
      {
        defaultHooks: { checkpoint: { type: 'CheckpointHook', interval: 1, saveBest: 'auto', maxKeepCkpts: 1 } },
      } as never,
      {},
    );
    await expect(runner.train()).rejects.toMatchObject({ code: 'ENGINE_REGISTRY_UNKNOWN_NAME' }); // nothing is registered by name here
    expect(lines).toEqual([]);
    const again = make({
      defaultHooks: { checkpoint: { interval: 1, saveBest: 'auto', maxKeepCkpts: 1, priority: 'LOWEST' } },
    } as never);
    await again.runner.train();
    expect(again.lines.at(-1)).toMatch(
      /best acc [\d.]+ \(epoch \d\) · checkpoint \/runs\/boring\/best_acc_epoch_\d\.safetensors/,
    );
    const files = (await again.storage.list('/runs/boring')).filter((name) => name.endsWith('.safetensors'));
    expect(files).toEqual([expect.stringMatching(/^best_acc_epoch_\d/), 'epoch_3.safetensors']);
  });

  it('goes on where it is when called again, and shares the folder with val() and test()', async () => {
    const { runner, storage, lines } = make({
      testDataloader: { dataset: new BoringDataset(5), batchSize: 2 },
      testCfg: {},
      testEvaluator: new BoringMetric(),
    });
    const { metrics } = await runner.train();
    expect(await runner.val()).toEqual(metrics);
    expect(Object.keys(await runner.test())).toEqual(['acc']);
    const before = lines.length;
    await runner.train();
    expect(lines.slice(before).filter((line) => line.includes('Epoch('))).toEqual([]);
    expect((await storage.list('/runs/boring')).filter((name) => name.endsWith('.json'))).toEqual([`${STAMP}.json`]);
  });

  it('scales learning rates by the batch size and starts schedules from the result', async () => {
    const { runner, lines } = make({
      autoScaleLr: { enable: true, baseBatchSize: 6 },
      paramScheduler: [{ type: MultiStepLR, milestones: [1], gamma: 0.1 }],
    });
    await runner.train();
    expect(lines).toContain(
      'INFO LR is set based on batch size of 6 and the current batch size is 3. Scaling the original LR by 0.5.',
    );
    expect(lines.flatMap((line) => /lr: (\S+)/.exec(line)?.[1] ?? [])).toEqual([
      '5.0000e-02',
      '5.0000e-03',
      '5.0000e-03',
    ]);
  });
});

describe('val() and test()', () => {
  it('need no training options and build none', async () => {
    const { runner, storage } = make({
      trainDataloader: undefined,
      trainCfg: undefined,
      optimWrapper: undefined,
      paramScheduler: undefined,
    } as never);
    expect(Object.keys(await runner.val())).toEqual(['acc']);
    expect(await storage.list('/runs/boring')).toEqual([STAMP, `${STAMP}.json`]);
    await expect(runner.train()).rejects.toMatchObject({ code: 'ENGINE_RUNNER_NOTHING_TO_RUN' });
  });

  it('take the weights of loadFrom', async () => {
    const trained = make();
    const { metrics } = await trained.runner.train();
    const { runner, lines } = make({ loadFrom: '/runs/boring/epoch_3.safetensors' }, { storage: trained.storage });
    expect(await runner.val()).toEqual(metrics);
    expect(lines).toContain('INFO Load checkpoint from /runs/boring/epoch_3.safetensors');
  });
});

describe('a runner', () => {
  it('uses the very objects that it is given, literals too', async () => {
    const hook = {
      name: 'Own',
      calls: 0,
      beforeTrainIter() {
        this.calls += 1;
      },
    };
    const data = new BoringDataset(6);
    const dataset = {
      metainfo: {},
      init: () => Promise.resolve(),
      get length() {
        return data.length;
      },
      get: (index: number) => data.get(index),
    };
    const { runner } = make({ customHooks: [hook], trainDataloader: { dataset, batchSize: 3 } });
    await runner.train();
    expect(hook.calls).toBe(6);
  });

  it('takes default hooks in either spelling', async () => {
    const { runner, storage } = make({
      default_hooks: { runtime_info: null, checkpoint: { by_epoch: false, interval: 12 } },
    } as never);
    await runner.train();
    expect(await text(storage, '/runs/boring/last_checkpoint')).toBe('iter_12.safetensors');
  });

  it('does nothing when made', async () => {
    const { storage } = make();
    expect(await storage.exists('/runs')).toBe(false);
  });

  it('refuses a second call while one is under way', async () => {
    const { runner } = make();
    const first = runner.train();
    await expect(runner.val()).rejects.toMatchObject({ code: 'ENGINE_RUNNER_ALREADY_RUNNING' });
    await first;
  });

  it('can be made from a config in either spelling, with its own data preprocessor kept', async () => {
    const runner = await Runner.fromConfig(
      {
        backend: cpu(),
        model: new BoringModel(),
        work_dir: '/runs/snake',
        val_dataloader: { dataset: new BoringDataset(4), batch_size: 2 },
        val_cfg: {},
        val_evaluator: [new BoringMetric({ prefix: 'a' }), new BoringMetric({ prefix: 'b' })],
      } as never,
      { platform: new ManualPlatform(), storage: new MemoryStorage(), sinks: [] },
    );
    expect(Object.keys(await runner.val())).toEqual(['a/acc', 'b/acc']);
    expect(runner.workDir).toBe('/runs/snake');
    runner.model?.dispose();
  });
});
