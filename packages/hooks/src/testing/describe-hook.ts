import { type Entry, type EntryLike, entryOf } from '@engine/core';
import { Registry } from '@engine/registry';
import { describeEntry } from '@engine/registry/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hook } from '../hook.js';
import { HookList } from '../hook-list.js';
import { makeTestRun } from './make-test-run.js';
import type { TestRun } from './test-run.js';
import { tinyBatch } from './tiny-model.js';

/**
 * The contract of a hook, on the entry that makes it: its options, a whole small run through every point, no tensor left behind,
 * and a state that survives saving. Needs a backend that is ready. `options` are ones that make it act within eight iterations.
 */
export function describeHook(item: EntryLike, options: object = {}): void {
  const entry = entryOf(item) as Entry<'hook'>;
  describeEntry(item, { options });
  describe(`hook ${entry.name}`, () => {
    let run: TestRun;
    let hook: Hook;
    beforeEach(() => {
      run = makeTestRun();
      hook = new Registry().build('hook', { type: item, ...options }, { path: 'customHooks.0' });
    });
    afterEach(async () => {
      hook.dispose?.();
      await run.close();
    });

    it('is named as its entry', () => {
      expect(hook.name).toBe(entry.name);
    });

    it('takes part in a whole run, leaves no tensor behind and changes no position', async () => {
      const list = listOf(hook);
      await runEpochs(run, list, { from: 0, to: 1 });
      await run.messageHub.flush();
      const kept = (): number => run.keptTensors + (hook.ownedTensors ?? 0);
      const before = tf.memory().numTensors - kept();
      await runEpochs(run, list, { from: 1, to: 2 });
      await run.messageHub.flush();
      expect(tf.memory().numTensors - kept(), 'tensors left by the second epoch').toBe(before);
      expect([...list.leaks]).toEqual([]);
      expect([run.epoch, run.iter]).toEqual([2, 8]);
    });

    it('gives its state to another one of its kind', async () => {
      const list = listOf(hook);
      await runEpochs(run, list, { from: 0, to: 1 });
      const states = await list.stateDict();
      const again = listOf(new Registry().build('hook', { type: item, ...options }, { path: 'customHooks.0' }));
      expect(again.loadStateDict(states)).toEqual([]);
      expect(await again.stateDict()).toEqual(states);
    });
  });
}

function listOf(hook: Hook): HookList {
  const list = new HookList();
  list.register(hook);
  return list;
}

/** Trains and validates the run's model from one epoch to another, calling every point as a Runner does. */
export async function runEpochs(
  run: TestRun,
  hooks: HookList,
  { from, to }: { from: number; to: number },
): Promise<void> {
  if (from === 0) {
    await hooks.call('beforeRun', run);
    await hooks.call('beforeTrain', run);
  }
  for (run.epoch = from; run.epoch < to; ) {
    await hooks.call('beforeTrainEpoch', run);
    for (let batchIdx = 0; batchIdx < run.trainLoop.dataloader.length; batchIdx += 1) {
      const batch = tinyBatch(run.iter);
      await hooks.call('beforeTrainIter', run, { batchIdx, batch });
      const outputs = run.trainStep(batch);
      await hooks.call('afterTrainIter', run, { batchIdx, batch, outputs });
      outputs.dispose();
      run.iter += 1;
    }
    await hooks.call('afterTrainEpoch', run);
    run.epoch += 1;
    await validate(run, hooks);
  }
  if (to === run.maxEpochs) {
    await hooks.call('afterTrain', run);
    await hooks.call('afterRun', run);
  }
}

async function validate(run: TestRun, hooks: HookList): Promise<void> {
  await hooks.call('beforeVal', run);
  await hooks.call('beforeValEpoch', run);
  const batch = tinyBatch(0);
  await hooks.call('beforeValIter', run, { batchIdx: 0, batch });
  const predictions = run.valStep(batch);
  await hooks.call('afterValIter', run, { batchIdx: 0, batch, predictions });
  tf.dispose(predictions as tf.TensorContainer);
  await hooks.call('afterValEpoch', run, { metrics: { 'accuracy/top1': 50 + run.epoch, loss: 1 / run.epoch } });
  await hooks.call('afterVal', run);
}
