import { cpu } from '@engine/backend-cpu';
import { ExponentialLR, LinearParamScheduler, type ParamScheduler, ReduceOnPlateauLR } from '@engine/scheduler';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ParamSchedulerHook } from './param-scheduler-hook.js';
import { makeTestRun, type TestRun } from './testing/index.js';

beforeAll(() => cpu().init());

let run: TestRun;
afterEach(() => run.close());

const target = (lr: number) => ({ paramGroups: [{ lr, params: [] }] });
const start = (...paramSchedulers: ParamScheduler[]): ParamSchedulerHook => {
  run = makeTestRun({ paramSchedulers });
  return new ParamSchedulerHook();
};

describe('ParamSchedulerHook', () => {
  it('steps each schedule in its own unit', () => {
    const [iterations, epochs] = [target(1), target(1)];
    const hook = start(
      new ExponentialLR(iterations, { gamma: 0.5, byEpoch: false }),
      new ExponentialLR(epochs, { gamma: 0.5 }),
    );
    for (let i = 0; i < 3; i++) hook.afterTrainIter(run, {} as never);
    hook.afterTrainEpoch(run);
    expect([iterations, epochs]).toEqual([
      { paramGroups: [expect.objectContaining({ lr: 0.125 })] },
      { paramGroups: [expect.objectContaining({ lr: 0.5 })] },
    ]);
  });

  it('counts epochs for a schedule that follows a metric, and shows it each validation', () => {
    const optimizer = target(1);
    const plateau = new ReduceOnPlateauLR(optimizer, { monitor: 'acc', rule: 'greater', patience: 0, begin: 2 });
    const hook = start(plateau);
    for (const acc of [3, 2, 1, 1]) {
      hook.afterTrainEpoch(run);
      hook.afterValEpoch(run, { metrics: { acc, count: 3n, names: ['a'] } });
    }
    expect(plateau.stateDict()).toMatchObject({ globalStep: 4, lastStep: 2, best: 2 });
    expect(optimizer.paramGroups[0]?.lr).toBeCloseTo(0.01, 12);
  });

  it('lets a schedule say which metrics there are when its own is missing', () => {
    const hook = start(new ReduceOnPlateauLR(target(1), { monitor: 'loss' }));
    expect(() => hook.afterValEpoch(run, { metrics: { 'accuracy/top1': 1 } })).toThrow(
      expect.objectContaining({ code: 'ENGINE_SCHEDULER_NO_METRIC', expected: 'one of accuracy/top1' }),
    );
  });

  it('warns of a schedule that waits for a validation in a run that has none', () => {
    const hook = start(new ReduceOnPlateauLR(target(1)), new ExponentialLR(target(1), { gamma: 1 }));
    hook.beforeTrain(run);
    expect(run.logged).toEqual([]);
    Object.defineProperty(run, 'valLoop', { value: undefined });
    hook.beforeTrain(run);
    expect(run.logged).toEqual([expect.stringMatching(/^WARNING A schedule of lr follows loss of the validation/)]);
  });

  it('logs what a verbose schedule sets, inside its window only', () => {
    const optimizer = { paramGroups: [{ weightDecay: 0.1, params: [] }] };
    const options = { paramName: 'weightDecay', startFactor: 1, endFactor: 0.5, end: 3, byEpoch: false, verbose: true };
    const hook = start(new LinearParamScheduler(optimizer, options));
    for (let i = 0; i < 5; i++) hook.afterTrainIter(run, {} as never);
    expect(run.logged).toEqual([
      'Adjusting weightDecay of group 0 to 7.5000e-02.',
      'Adjusting weightDecay of group 0 to 5.0000e-02.',
    ]);
  });
});
