import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import type { Hook } from '@engine/hooks';
import { crossEntropy } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { TrainResult } from './runner.js';
import { afterIteration, boringRuns, LossTrace, tensorsOf } from './testing/index.js';

const boring = boringRuns(cpu);
const LAST = '/runs/boring/epoch_3.safetensors';

describe('runner.trainBatches()', () => {
  it('gives the same run as train(), to the bit, with losses of your own', async () => {
    const [whole, own, mine] = [new MemoryStorage(), new MemoryStorage(), new MemoryStorage()];
    const [straight, stepped, updated] = [new LossTrace(), new LossTrace(), new LossTrace()];
    await boring({ customHooks: [straight] }, { storage: whole }).runner.train();

    const { runner } = boring({ customHooks: [stepped] }, { storage: own });
    const batches = runner.trainBatches();
    let next = await batches.next();
    for (; next.done !== true; next = await batches.next()) runner.trainStep(next.value);
    const result: TrainResult | undefined = next.value;
    expect(result).toMatchObject({ stoppedBy: undefined, checkpoint: LAST, metrics: { acc: expect.any(Number) } });

    const { runner: third, model } = boring({ customHooks: [updated] }, { storage: mine });
    for await (const batch of third.trainBatches()) {
      const { loss } = third.updateParams(() => {
        const { inputs, samples } = model.dataPreprocessor.process(batch, true);
        const logits = model.apply(inputs as tf.Tensor4D, samples as tf.Tensor1D, 'tensor') as tf.Tensor2D;
        return crossEntropy(logits, samples as tf.Tensor1D);
      });
      expect(Number.isFinite(await loss.read())).toBe(true);
    }
    for (const [trace, storage] of [
      [stepped, own],
      [updated, mine],
    ] as const) {
      expect([...trace.losses]).toEqual([...straight.losses]);
      expect(await tensorsOf(storage, LAST)).toEqual(await tensorsOf(whole, LAST));
    }
  });

  it('stops after a checkpoint when the loop is left, and goes on from there exactly', async () => {
    const [whole, storage, straight, first, second] = [
      new MemoryStorage(),
      new MemoryStorage(),
      new LossTrace(),
      new LossTrace(),
      new LossTrace(),
    ];
    await boring({ customHooks: [straight] }, { storage: whole }).runner.train();
    const points: string[] = [];
    const note: Hook = {
      name: 'Note',
      afterTrain: () => void points.push('end'),
      afterRun: () => void points.push('run'),
    };
    const { runner } = boring({ customHooks: [first, note] }, { storage });
    let seen = 0;
    for await (const batch of runner.trainBatches()) {
      seen += 1;
      if (seen === 7) break; // without a step: the batch comes again
      runner.trainStep(batch);
    }
    expect(points).toEqual(['end', 'run']);
    expect(await storage.exists('/runs/boring/iter_6.safetensors')).toBe(true);

    const resumed = boring({ customHooks: [second], resume: true }, { storage }).runner;
    for await (const batch of resumed.trainBatches()) resumed.trainStep(batch);
    expect([...first.losses, ...second.losses]).toEqual([...straight.losses]);
    expect(await tensorsOf(storage, LAST)).toEqual(await tensorsOf(whole, LAST));
  });

  it('counts a batch whose step was taken before the loop was left', async () => {
    const { runner, storage } = boring({});
    for await (const batch of runner.trainBatches()) {
      runner.trainStep(batch);
      break;
    }
    expect(await storage.exists('/runs/boring/iter_1.safetensors')).toBe(true);
  });

  it('ends the same way when its body throws, and throws what a hook throws', async () => {
    const { runner, storage } = boring({});
    await expect(async () => {
      for await (const batch of runner.trainBatches()) {
        runner.trainStep(batch);
        throw new RangeError('mine');
      }
    }).rejects.toThrow('mine');
    expect(await storage.exists('/runs/boring/iter_1.safetensors')).toBe(true);

    const bad = boring({
      customHooks: [
        afterIteration(2, () => {
          throw new Error('theirs');
        }),
      ],
    }).runner;
    let seen = 0;
    await expect(async () => {
      for await (const batch of bad.trainBatches()) {
        bad.trainStep(batch);
        seen += 1;
      }
    }).rejects.toThrow('theirs');
    expect(seen).toBe(2);
  });

  it('lets a batch pass without a step, and ends where a hook asks for it', async () => {
    const trace: string[][] = [];
    const hook: Hook = {
      name: 'Outputs',
      afterTrainIter: (ctx, { outputs }) => {
        trace.push([...outputs.names]);
        if (ctx.iter === 2) ctx.requestStop('enough');
      },
    };
    const { runner } = boring({ customHooks: [hook] });
    let seen = 0;
    for await (const batch of runner.trainBatches()) {
      seen += 1;
      if (seen !== 2) runner.trainStep(batch);
    }
    expect(trace).toEqual([['loss'], [], ['loss']]);
  });

  it('works for loops that count in iterations, and leaves no tensor behind', async () => {
    const before = tf.engine().state.numTensors;
    const { runner, model } = boring({ trainCfg: { byEpoch: false, maxIters: 6, valInterval: 4 } });
    let seen = 0;
    for await (const batch of runner.trainBatches()) {
      runner.trainStep(batch);
      seen += 1;
    }
    expect(seen).toBe(6);
    await runner.dispose();
    model.dispose();
    expect(tf.engine().state.numTensors).toBe(before);
  });

  it('is where steps belong', async () => {
    const { runner } = boring({});
    const call = { code: 'ENGINE_RUNNER_NO_BATCH', subject: 'runner.trainStep()' };
    expect(() => runner.trainStep({ inputs: [] })).toThrow(expect.objectContaining(call));
    await runner.train();
    expect(() => runner.updateParams(() => tf.scalar(1))).toThrow('ENGINE_RUNNER_NO_BATCH');
  });
});
