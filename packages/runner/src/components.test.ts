import { cpu, cpuEntry } from '@engine/backend-cpu';
import { silentLogger } from '@engine/core';
import { DataLoader } from '@engine/dataset';
import { Evaluator } from '@engine/evaluator';
import { MemoryStorage } from '@engine/fileio';
import { CheckpointHook, type Hook, LoggerHook } from '@engine/hooks';
import { makeTestRun } from '@engine/hooks/testing';
import { LogProcessor } from '@engine/logging';
import { BaseDataPreprocessor } from '@engine/model';
import { LinearLR, MultiStepLR } from '@engine/scheduler';
import { LocalVisBackend, Visualizer } from '@engine/visualization';
import { describe, expect, it } from 'vitest';
import { Components } from './components.js';
import type { LoopRun } from './loop.js';
import { resolveRuntime } from './runtime.js';
import { BoringDataset, BoringMetric, BoringModel, ManualPlatform } from './testing/index.js';
import { EpochBasedTrainLoop } from './train-loop.js';

async function componentsOf(options: Record<string, unknown>): Promise<Components> {
  const runtime = await resolveRuntime({ storage: new MemoryStorage(), platform: new ManualPlatform(), sinks: [] });
  return new Components({ options, pathOf: (option) => option, locate: undefined, runtime, logger: silentLogger });
}

const names = (components: Components): string[] => components.hooks().hooks.map(({ name }) => name);
/** A hook as a literal. */
const own = (name: string, priority?: Hook['priority']): Hook => ({
  name,
  beforeRun: () => undefined,
  ...(priority !== undefined && { priority }),
});
const DEFAULTS = [
  'RuntimeInfoHook',
  'IterTimerHook',
  'DistSamplerSeedHook',
  'LoggerHook',
  'ParamSchedulerHook',
  'CheckpointHook',
];

describe('hooks', () => {
  it('are the default ones where nothing is said, none where false is', async () => {
    expect(names(await componentsOf({}))).toEqual(DEFAULTS);
    expect(names(await componentsOf({ defaultHooks: false }))).toEqual([]);
    expect(names(await componentsOf({ defaultHooks: {} }))).toEqual(DEFAULTS);
  });

  it.each([
    ['keep what is not said when no type is given', { maxKeepCkpts: 2 }, ['epoch_1.safetensors']],
    ['are only what is said when a type is given', { type: CheckpointHook, maxKeepCkpts: 2 }, []],
  ])('%s', async (_, checkpoint, saved) => {
    await cpu().init();
    const components = await componentsOf({ defaultHooks: { checkpoint } });
    const hook = components.hooks().hooks.find(({ name }) => name === 'CheckpointHook');
    const run = makeTestRun({ maxEpochs: 3 });
    await hook?.afterTrainEpoch?.(run);
    expect(run.saved).toEqual(saved);
    await run.close();
  });

  it('are left out by null, replaced by a config or an object, and joined by others', async () => {
    const components = await componentsOf({
      defaultHooks: {
        timer: null,
        logger: { interval: 3 },
        checkpoint: new CheckpointHook(),
        extra: own('Extra'),
      },
      customHooks: [own('Own')],
    });
    expect(names(components)).toEqual([
      'RuntimeInfoHook',
      'DistSamplerSeedHook',
      'Extra',
      'Own',
      'LoggerHook',
      'ParamSchedulerHook',
      'CheckpointHook',
    ]);
  });

  it('come in the order of their priorities: that of the config before that of the class', async () => {
    const components = await componentsOf({
      customHooks: [
        { type: LoggerHook, priority: 'lowest' },
        { type: CheckpointHook, priority: 5 },
        own('High', 'HIGH'),
        own('Normal'),
        own('AlsoNormal', 50),
      ],
    });
    expect(names(components)).toEqual([
      'CheckpointHook',
      'RuntimeInfoHook',
      'High',
      'IterTimerHook',
      'DistSamplerSeedHook',
      'Normal',
      'AlsoNormal',
      'LoggerHook',
      'ParamSchedulerHook',
      'CheckpointHook',
      'LoggerHook',
    ]);
    const wrong = await componentsOf({ customHooks: [{ type: LoggerHook, priority: 'urgent' }] });
    expect(() => wrong.hooks()).toThrow('ENGINE_HOOKS_UNKNOWN_PRIORITY');
  });

  it('with a wrong option are blamed on their path', async () => {
    const components = await componentsOf({ defaultHooks: { logger: { intervl: 3 } } });
    expect(() => components.hooks()).toThrowError(expect.objectContaining({ subject: 'defaultHooks.logger.intervl' }));
    const others = await componentsOf({ customHooks: [own('Fine'), { type: 'Nobody' }] });
    expect(() => others.hooks()).toThrowError(
      expect.objectContaining({ subject: expect.stringContaining('customHooks.1') }),
    );
  });
});

describe('a model', () => {
  it("gets the runner's data preprocessor, unless its config has one", async () => {
    const dataPreprocessor = new BaseDataPreprocessor();
    const model = new BoringModel();
    expect((await componentsOf({ model, dataPreprocessor })).model()).toBe(model);
    expect(model.dataPreprocessor).toBe(dataPreprocessor);
  });

  it('that cannot hold one is refused', async () => {
    const { trainStep, stateDict } = BoringModel.prototype;
    const components = await componentsOf({
      model: { trainStep, stateDict },
      dataPreprocessor: new BaseDataPreprocessor(),
    });
    expect(() => components.model()).toThrowError(
      expect.objectContaining({ code: 'ENGINE_RUNNER_BAD_COMPONENT', subject: 'dataPreprocessor' }),
    );
  });
});

describe('an evaluator', () => {
  const metric = new BoringMetric();
  it.each([
    ['a metric', metric],
    ['a list of metrics', [metric, new BoringMetric({ prefix: 'b' })]],
    ['a config of metrics', { metrics: [metric] }],
    ['an evaluator', new Evaluator(metric)],
  ])('is made of %s', async (_what, valEvaluator) => {
    const evaluator = (await componentsOf({ valEvaluator })).evaluator('valEvaluator');
    expect(evaluator).toBeInstanceOf(Evaluator);
    expect((evaluator as Evaluator).metrics[0]).toBe(metric);
  });
});

describe('other parts', () => {
  it('are taken as they are when built, and made from configs', async () => {
    const backend = cpu();
    expect((await componentsOf({ backend })).backend()).toBe(backend);
    expect((await componentsOf({ backend: { type: cpuEntry } })).backend().name).toBe('cpu');
    const loader = new DataLoader({ dataset: new BoringDataset(6), batchSize: 3 });
    expect(await (await componentsOf({ trainDataloader: loader })).dataLoader('trainDataloader', 1)).toBe(loader);
    expect(loader.length).toBe(2);
    expect((await componentsOf({ logProcessor: { window_size: 3 } })).logProcessor()).toMatchObject({ windowSize: 3 });
    const processor = new LogProcessor({ numDigits: 2 });
    expect((await componentsOf({ logProcessor: processor })).logProcessor()).toBe(processor);
  });

  it('show the run by a Visualizer with the backends that are given', async () => {
    const where = { saveDir: '/w/stamp', experimentName: 'stamp' };
    const standard = (await componentsOf({})).visualizer(where);
    expect(standard).toBeInstanceOf(Visualizer);
    const rows: object[] = [];
    const own = {
      addScalar: () => undefined,
      addScalars: (row: object) => void rows.push(row),
      close: () => undefined,
    };
    const components = await componentsOf({
      visBackends: [own, { type: LocalVisBackend, scalarSaveFile: 'rows.json' }],
    });
    await components.visualizer(where).addScalars({ loss: 1 }, 4);
    expect(rows).toEqual([{ loss: 1 }]);
  });

  it('schedule from the epochs and iterations of the loop', async () => {
    const loader = new DataLoader({ dataset: new BoringDataset(6), batchSize: 3 });
    await loader.init();
    const loop = new EpochBasedTrainLoop({ maxEpochs: 2 }, { run: {} as LoopRun, dataloader: loader });
    const optimizer = { paramGroups: [{ lr: 1, params: [] }] };
    const components = await componentsOf({
      paramScheduler: [
        { type: LinearLR, startFactor: 0.5, byEpoch: true, end: 1, convertToIterBased: true },
        { type: MultiStepLR, milestones: [1], byEpoch: true },
      ],
    });
    const schedulers = components.paramSchedulers(optimizer as never, loop);
    expect(schedulers.map(({ byEpoch }) => byEpoch)).toEqual([false, true]);
    expect((await componentsOf({})).paramSchedulers(optimizer as never, loop)).toEqual([]);
    expect([loop.maxEpochs, loop.maxIters, loop.byEpoch]).toEqual([2, 4, true]);
  });
});
