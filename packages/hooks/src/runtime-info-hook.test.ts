import { cpu } from '@engine/backend-cpu';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HookList } from './hook-list.js';
import { RuntimeInfoHook } from './runtime-info-hook.js';
import { makeTestRun, runEpochs, tinyBatch } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

let run: TestRun;
let hook: RuntimeInfoHook;
beforeEach(async () => {
  run = makeTestRun();
  hook = new RuntimeInfoHook();
});
afterEach(() => run.close());

describe('RuntimeInfoHook', () => {
  it('records facts, position and limits', () => {
    hook.beforeRun(run);
    run.epoch = 1;
    run.iter = 4;
    hook.beforeTrain(run);
    const info = (key: string): unknown => run.messageHub.getInfo(key);
    expect(info('cfg')).toEqual(run.config);
    expect([info('seed'), info('experimentName'), info('engineVersion')]).toEqual([0, run.experimentName, '0.0.0']);
    expect([info('loopStage'), info('epoch'), info('iter'), info('maxEpochs'), info('maxIters')]).toEqual([
      'train',
      1,
      4,
      2,
      8,
    ]);
    hook.afterTrain(run);
    expect(info('loopStage')).toBeUndefined();
  });

  it('of a resumed run stays at the position of the checkpoint until a step is taken, as in a run that was not stopped', async () => {
    run.messageHub.updateInfo('epoch', 0);
    run.messageHub.updateInfo('iter', 3);
    run.resumed = true;
    run.epoch = 1; // stopped between the last iteration of an epoch and its validation
    run.iter = 4;
    hook.beforeTrain(run);
    const position = (): unknown[] => ['epoch', 'iter'].map((key) => run.messageHub.getInfo(key));
    expect(position()).toEqual([0, 3]);
    hook.beforeTrainEpoch(run);
    hook.beforeTrainIter(run, {} as never);
    expect(position()).toEqual([1, 4]);
  });

  it('records the learning rate before and every output after a step', async () => {
    const list = new HookList();
    list.register(hook);
    await runEpochs(run, list, { from: 0, to: 1 });
    await run.messageHub.flush();
    expect(run.messageHub.getScalar('train/lr').current()).toBe(0.1);
    expect(run.messageHub.getScalar('train/loss').length).toBe(4);
    expect(Number.isFinite(run.messageHub.getScalar('train/loss').current())).toBe(true);
  });

  it('returns to the stage that validation interrupted', () => {
    const stage = (): unknown => run.messageHub.getInfo('loopStage');
    hook.beforeVal(run);
    expect(stage()).toBe('val');
    hook.afterVal(run);
    expect(stage()).toBeUndefined();
    hook.beforeTrain(run);
    hook.beforeVal(run);
    hook.afterVal(run);
    expect(stage()).toBe('train');
    hook.beforeTest(run);
    expect(stage()).toBe('test');
    hook.afterTest(run);
    expect(stage()).toBeUndefined();
  });

  it('puts numbers among the scalars and everything else among the facts', () => {
    hook.afterValEpoch(run, { metrics: { acc: 0.5, ok: true, perClass: [1, 2] } });
    expect(run.messageHub.getScalar('val/acc').current()).toBe(0.5);
    expect(run.messageHub.getScalar('val/ok').current()).toBe(1);
    expect(run.messageHub.getInfo('val/perClass')).toEqual([1, 2]);
    hook.afterTestEpoch(run, { metrics: { acc: 0.25 } });
    expect(run.messageHub.getScalar('test/acc').current()).toBe(0.25);
  });

  it('takes a bigint as a count, shown without decimals', () => {
    hook.afterValEpoch(run, { metrics: { acc: 100, count: 43n } });
    const [acc, count] = [run.messageHub.getScalar('val/acc'), run.messageHub.getScalar('val/count')];
    expect([acc.current(), acc.isInteger]).toEqual([100, false]);
    expect([count.current(), count.isInteger]).toEqual([43, true]);
  });

  it("calls scalars as MMEngine's logs do, and has the norm before the losses", async () => {
    const optimWrapper = { getLr: () => ({ baseLr: [0.5], lr: [0.25, 0.5] }) };
    hook.beforeTrainIter({ messageHub: run.messageHub, iter: 0, optimWrapper } as never, {
      batchIdx: 0,
      batch: tinyBatch(0),
    });
    const outputs = { names: ['loss', 'gradNorm'], get: (name: string) => name.length };
    hook.afterTrainIter(run, { outputs } as never);
    await run.messageHub.flush();
    expect([...run.messageHub.scalars].map(([name, history]) => [name, history.current()])).toEqual([
      ['train/base_lr', 0.5],
      ['train/lr', 0.25],
      ['train/grad_norm', 8],
      ['train/loss', 4],
    ]);
  });

  it('does without an optimizer', async () => {
    hook.beforeTrainIter({ ...run, messageHub: run.messageHub, optimWrapper: undefined } as never, {
      batchIdx: 0,
      batch: tinyBatch(0),
    });
    expect(run.messageHub.scalars.has('train/lr')).toBe(false);
  });
});
