import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HookList } from '../hook-list.js';
import { hookPointOrder } from '../hook-points.js';
import { makeTestRun, runEpochs } from './index.js';
import type { TestRun } from './test-run.js';
import { tinyBatch } from './tiny-model.js';

beforeAll(() => cpu().init());

let run: TestRun;
beforeEach(() => {
  run = makeTestRun();
});
afterEach(() => run.close());

/** A list whose one hook writes down each point with the position at which it is called. */
function recorder(): { readonly list: HookList; readonly calls: string[] } {
  const calls: string[] = [];
  const note = (point: string) => (ctx: TestRun) => void calls.push(`${point} ${ctx.epoch}/${ctx.iter}`);
  const methods = Object.fromEntries(hookPointOrder.map((point) => [point, note(point)]));
  const list = new HookList();
  list.register({ name: 'Recorder', ...methods });
  return { list, calls };
}

describe('the run of the hook kit', () => {
  it('passes through every point of a training with validation, in order', async () => {
    const { list, calls } = recorder();
    await runEpochs(run, list, { from: 0, to: run.maxEpochs });
    expect(calls.slice(0, 5)).toEqual([
      'beforeRun 0/0',
      'beforeTrain 0/0',
      'beforeTrainEpoch 0/0',
      'beforeTrainIter 0/0',
      'afterTrainIter 0/0',
    ]);
    expect(calls.filter((call) => call.startsWith('afterTrainEpoch'))).toEqual([
      'afterTrainEpoch 0/4',
      'afterTrainEpoch 1/8',
    ]);
    expect(calls.filter((call) => call.startsWith('afterValEpoch'))).toEqual([
      'afterValEpoch 1/4',
      'afterValEpoch 2/8',
    ]);
    expect(calls.slice(-2)).toEqual(['afterTrain 2/8', 'afterRun 2/8']);
  });

  it('really trains: the weights move and the loss of a batch falls', async () => {
    const batch = tinyBatch(0);
    const losses: number[] = [];
    for (let step = 0; step < 20; step += 1) {
      const outputs = run.trainStep(batch);
      losses.push(await outputs.read('loss'));
      outputs.dispose();
    }
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  });

  it('frees what hooks keep when it is closed', async () => {
    const other = makeTestRun();
    const before = tf.memory().numTensors;
    other.keep('a', tf.scalar(1));
    other.keep('a', tf.scalar(2));
    other.keep('b', tf.scalar(3));
    expect([other.keptTensors, tf.memory().numTensors - before]).toEqual([2, 2]);
    await other.close();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before);
  });

  it('keeps files where the run would, and remembers what it was asked', async () => {
    const path = await run.saveCheckpoint({ fileName: 'a.safetensors' });
    await run.saveCheckpoint({ fileName: 'b.safetensors', outDir: '/elsewhere' });
    await run.markLastCheckpoint(path);
    expect(await run.storage.list('/elsewhere')).toEqual(['b.safetensors']);
    expect([run.saved, run.lastCheckpoint]).toEqual([['a.safetensors', 'b.safetensors'], '/run/a.safetensors']);
    run.requestStop('enough');
    expect([run.stopReason, run.trainLoop.stopRequested]).toEqual(['enough', true]);
  });
});
