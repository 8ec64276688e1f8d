import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import type { Hook } from '@engine/hooks';
import { OptimWrapper, SGD } from '@engine/optim';
import { ConstantLR, ExponentialLR, LinearLR, LinearMomentum, OneCycleLR, ReduceOnPlateauLR } from '@engine/scheduler';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BoringDataset, boringRuns } from './testing/index.js';

const boring = boringRuns(cpu);
const schedules = [
  { type: LinearLR, startFactor: 0.1, byEpoch: false, end: 6 },
  { type: ExponentialLR, gamma: 0.5 },
  { type: LinearMomentum, startFactor: 1, endFactor: 0.5, end: 3 },
];

/** Everything but the parameters. */
const fieldsOf = ({ paramGroups }: SGD): string =>
  JSON.stringify(paramGroups.map((group) => ({ ...group, params: [] })));

describe('a foreseen schedule', () => {
  it('is what training then sets, iteration by iteration', async () => {
    const seen: number[][] = [];
    const watch: Hook = {
      name: 'Watch',
      beforeTrainIter: ({ optimWrapper }) => {
        const group = optimWrapper?.optimizer.paramGroups[0];
        seen.push([group?.lr as number, group?.['momentum'] as number]);
      },
    };
    const { runner, storage } = boring({ paramScheduler: schedules, customHooks: [watch] });
    const [lr, momentum] = [await runner.schedule(), await runner.schedule({ field: 'momentum' })];
    expect(await storage.list('/')).toEqual([]);
    await runner.train();
    expect([...(lr.curves[0]?.values ?? [])]).toEqual(seen.map(([rate]) => rate));
    expect([...(momentum.curves[0]?.values ?? [])]).toEqual(seen.map(([, value]) => value));
    expect(lr).toMatchObject({ field: 'lr', epochLength: 4, maxEpochs: 3, maxIters: 12, followed: [] });
  });

  it('starts from scaled rates', async () => {
    const { runner } = boring({ autoScaleLr: { enable: true, baseBatchSize: 6 }, paramScheduler: [] });
    expect((await runner.schedule()).curves[0]?.values[0]).toBe(0.05);
    expect((await runner.schedule({ epochLength: 9 })).curves[0]?.values[0]).toBe(0.05);
  });

  it('has a curve for groups that differ, one for those that do not', async () => {
    const { runner, model } = boring();
    const named = [...model.namedParameters()];
    const under = (prefix: string) => named.flatMap(([name, param]) => (name.startsWith(prefix) ? [param] : []));
    const optimizer = new SGD(
      [{ params: under('bn.weight') }, { params: under('head'), lr: 0.5 }, { params: under('bn.bias') }],
      { lr: 0.1 },
    );
    const optimWrapper = new OptimWrapper({ optimizer });
    const before = fieldsOf(optimizer);
    const given = boring({ model, optimWrapper, paramScheduler: [{ type: ConstantLR, factor: 0.5, end: 2 }] });
    const { curves } = await given.runner.schedule();
    expect(curves.map(({ label, values }) => [label, values[0], values[11]])).toEqual([
      ['bn.* (2 parameters)', 0.05, 0.1],
      ['head.* (2 parameters)', 0.25, 0.5],
    ]);
    expect(fieldsOf(optimizer)).toBe(before);
    await runner.dispose();
    optimWrapper.dispose();
  });

  it('names the metrics that it cannot foresee', async () => {
    const { runner } = boring({ paramScheduler: [{ type: ReduceOnPlateauLR, monitor: 'acc', patience: 0 }] });
    const { followed, curves } = await runner.schedule();
    expect([followed, new Set(curves[0]?.values)]).toEqual([['acc'], new Set([0.1])]);
  });

  it('touches no data when it is told the length of an epoch, and says how when it cannot find out', async () => {
    class Missing extends BoringDataset {
      override init(): Promise<void> {
        return Promise.reject(new Error('no such folder'));
      }
    }
    const { runner } = boring({ trainDataloader: { dataset: new Missing(12), batchSize: 3 } });
    expect((await runner.schedule({ epochLength: 7 })).maxIters).toBe(21);
    await expect(runner.schedule()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_EPOCH_LENGTH_UNKNOWN',
      received: 'no such folder',
    });
  });

  it('finds mistakes that a run would meet late', async () => {
    const { runner } = boring({ paramScheduler: [{ type: OneCycleLR, etaMax: 1, totalSteps: 5, byEpoch: false }] });
    await expect(runner.schedule()).rejects.toMatchObject({ code: 'ENGINE_SCHEDULER_TOO_MANY_STEPS' });
  });

  it('needs a training, and leaves no tensor behind', async () => {
    const evaluation = {
      ...{ trainDataloader: undefined, trainCfg: undefined, optimWrapper: undefined, paramScheduler: undefined },
    } as never;
    await expect(boring(evaluation).runner.schedule()).rejects.toMatchObject({ code: 'ENGINE_RUNNER_NOTHING_TO_RUN' });
    const { runner } = boring({}, { storage: new MemoryStorage() });
    await runner.schedule();
    const before = tf.engine().state.numTensors;
    await runner.schedule();
    expect(tf.engine().state.numTensors).toBe(before);
  });
});
