import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import { SGD } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { BoringModel, boringRuns } from './testing/index.js';

const boring = boringRuns(cpu);
const paramScheduler: never[] = [];

describe('runner.findLr', () => {
  it('goes through learning rates by a constant factor and finds where the loss falls', async () => {
    const { runner, storage } = boring({ paramScheduler });
    const { lrs, losses, smoothed, suggestion } = await runner.findLr({ minLr: 1e-4, maxLr: 1, steps: 41 });
    expect(lrs[0]).toBe(1e-4);
    for (const [i, lr] of lrs.entries()) expect(lr).toBeCloseTo(1e-4 * 10 ** (i / 10), 10);
    expect(lrs.length).toBe(losses.length);
    expect(smoothed[0]).toBeCloseTo(losses[0] ?? 0, 6);
    expect(lrs).toContain(suggestion);
    const at = lrs.indexOf(suggestion as number);
    expect(smoothed[at + 1]).toBeLessThan(smoothed[at - 1] as number);
    expect(await (storage as MemoryStorage).exists('/runs/boring')).toBe(false);
  });

  it('is the same for the same seed', async () => {
    const [a, b] = [boring({ paramScheduler }), boring({ paramScheduler })];
    const request = { minLr: 1e-3, maxLr: 1, steps: 9 };
    expect(await a.runner.findLr(request)).toEqual(await b.runner.findLr(request));
  });

  it('ends where the loss runs away', async () => {
    const { runner } = boring({ paramScheduler });
    const { lrs, diverged } = await runner.findLr({ minLr: 1e-3, maxLr: 1e9, steps: 40 });
    expect(diverged).toBe(true);
    expect(lrs.length).toBeLessThan(40);
  });

  it('suggests none where the loss does not fall', async () => {
    const { runner } = boring({ paramScheduler });
    expect((await runner.findLr({ minLr: 1e-30, maxLr: 1e-29, steps: 6 })).suggestion).toBeUndefined();
  });

  it('leaves the objects that it was given as they were, and no tensor', async () => {
    const { runner, model } = boring({ paramScheduler });
    model.initWeights(5);
    const before = await model.stateDict();
    await runner.findLr({ steps: 8 });
    const tensors = tf.memory().numTensors;
    await runner.findLr({ steps: 8 });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await model.stateDict()).toEqual(before);
  });

  it('starts from loadFrom where it is given', async () => {
    const storage = new MemoryStorage();
    await boring({ paramScheduler }, { storage }).runner.train();
    const request = { minLr: 1e-9, maxLr: 1e-8, steps: 2 };
    const fresh = await boring({ paramScheduler }, { storage }).runner.findLr(request);
    const loadFrom = '/runs/boring/epoch_3.safetensors';
    const trained = await boring({ paramScheduler, loadFrom }, { storage }).runner.findLr(request);
    expect(trained.losses[0]).not.toBeCloseTo(fresh.losses[0] ?? 0, 3);
  });

  it('takes as many batches as an update has, and keeps the ratios of groups', async () => {
    const seen: number[][] = [];
    class Spying extends SGD {
      override apply(...args: Parameters<SGD['apply']>): void {
        seen.push(this.paramGroups.map(({ lr }) => lr));
        super.apply(...args);
      }
    }
    const model = new BoringModel();
    const [bn, head] = [model.bn.namedParameters(), model.head.namedParameters()];
    void model.namedParameters();
    const optimizer = new Spying([{ params: [...bn.values()], lr: 0.01 }, { params: [...head.values()] }], { lr: 0.1 });
    const { runner } = boring({ model, paramScheduler, optimWrapper: { optimizer, accumulativeCounts: 2 } as never });
    await runner.findLr({ minLr: 1e-3, maxLr: 1e-2, steps: 3 });
    expect(seen).toHaveLength(3);
    for (const [first, second] of seen) expect((second ?? 0) / (first ?? 1)).toBeCloseTo(10, 9);
    optimizer.dispose();
    model.dispose();
  });

  it('needs something to train', async () => {
    const none = { trainDataloader: null, trainCfg: null, optimWrapper: null, paramScheduler: null } as never;
    await expect(boring(none).runner.findLr()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_NOTHING_TO_RUN',
      subject: 'runner.findLr()',
    });
  });
});

describe('runner.summarize', () => {
  it('shows the layers for a batch of the training data', async () => {
    const { runner } = boring();
    const summary = await runner.summarize();
    expect(summary).toMatchObject({ parameters: 31, trainable: 31, batchSize: 3, multiplyAdds: 3 * 8 * 3 });
    expect(summary.layers.map(({ path, outputs }) => [path, outputs[0]])).toEqual([
      ['', [3, 3]],
      ['bn', [3, 2, 2, 2]],
      ['flatten', [3, 8]],
      ['drop', [3, 8]],
      ['head', [3, 3]],
    ]);
  });
});
