import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Hook } from './hook.js';
import { HookList } from './hook-list.js';
import { LeakMonitorHook, type LeakMonitorHookOptions } from './leak-monitor-hook.js';
import { RuntimeInfoHook } from './runtime-info-hook.js';
import { makeTestRun, runEpochs, TinyModel } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

const leaked: tf.Tensor[] = [];
let run: TestRun;
afterEach(async () => {
  tf.dispose(leaked.splice(0));
  await run.close();
});

const leak = (): void => void leaked.push(tf.keep(tf.zeros([3])));

class Leaking extends TinyModel {
  override forward(...args: Parameters<TinyModel['forward']>): unknown {
    leak();
    return super.forward(...args);
  }
}

async function monitored(options: LeakMonitorHookOptions, others: readonly Hook[] = [], model = new TinyModel()) {
  model.initWeights(0);
  run = makeTestRun({ model, maxEpochs: 3 });
  const list = new HookList();
  for (const hook of [new LeakMonitorHook(options), new RuntimeInfoHook(), ...others]) list.register(hook);
  run.hooks = list;
  await runEpochs(run, list, { from: 0, to: 3 });
}

describe('LeakMonitorHook', () => {
  it('is silent in a sound run, although the hub holds values that nobody has read', async () => {
    await monitored({ interval: 1, patience: 1, action: 'stop' });
    expect(run.logged).toEqual([]);
  });

  it('names the hook that leaves tensors', async () => {
    await monitored({ interval: 2, patience: 2 }, [{ name: 'Hoarder', afterTrainIter: leak }]);
    expect(run.logged).toEqual([
      expect.stringMatching(
        /^WARNING Tensors pile up: 4 more in 4 iterations \(1\.00 an iteration, \d+ now\), left by Hoarder\.afterTrainIter; at epoch 1, iter 7\.$/,
      ),
    ]);
  });

  it('blames the step where no hook did it', async () => {
    await monitored({ interval: 2, patience: 2 }, [], new Leaking());
    expect(run.logged[0]).toMatch('left by the step itself: the model, the loss, the preprocessor or the optimizer');
  });

  it('ends the run when told so', async () => {
    const hoarder: Hook = { name: 'Hoarder', beforeTrainIter: leak };
    await expect(monitored({ interval: 1, patience: 2, action: 'stop' }, [hoarder])).rejects.toMatchObject({
      code: 'ENGINE_HOOKS_TENSORS_LEAK',
      received: expect.stringContaining('left by Hoarder.beforeTrainIter'),
    });
  });

  it('does not mind what is kept once, nor what is kept under a key', async () => {
    const keeper: Hook = {
      name: 'Keeper',
      afterTrainIter(ctx) {
        if (ctx.iter < 2) leak();
        ctx.keep(`every ${ctx.iter}`, tf.zeros([2]));
      },
    };
    await monitored({ interval: 1, patience: 3, action: 'stop' }, [keeper]);
    expect(run.logged).toEqual([]);
  });
});
