import { cpu } from '@engine/backend-cpu';
import type { Backend, Communicator } from '@engine/core';
import { singleProcess } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import { crossEntropy } from '@engine/model';
import { ReduceOnPlateauLR } from '@engine/scheduler';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { LossMeans } from './loss-means.js';
import { BoringDataset, BoringMetric, BoringModel, boringRuns } from './testing/index.js';

const boring = boringRuns(cpu);

describe('valCfg.loss', () => {
  it('gives the losses of the whole set beside the metrics, averaged over samples', async () => {
    const { runner, model, lines } = boring({ valCfg: { loss: true } });
    const { metrics } = await runner.train();
    expect(Object.keys(metrics ?? {})).toEqual(['acc', 'loss', 'val_loss']);
    const dataset = new BoringDataset(7);
    const expected = tf.tidy(() => {
      model.eval();
      const samples = Array.from({ length: 7 }, (_, index) => dataset.get(index));
      const images = tf.stack(
        samples.map(({ inputs }) => {
          const { data, shape } = inputs as { data: Float32Array; shape: [number, number, number] };
          return tf.tensor3d(data, shape);
        }),
      ) as tf.Tensor4D;
      const labels = tf.tensor1d(
        samples.map((sample) => sample.samples as number),
        'int32',
      );
      return crossEntropy(model.forward(images, labels, 'tensor') as tf.Tensor2D, labels).dataSync()[0] as number;
    });
    expect(metrics?.loss).toBeCloseTo(expected, 5);
    expect(metrics?.val_loss).toBe(metrics?.loss);
    expect(
      lines.some((line) => /^INFO Epoch\(val\) \[3\]\[3\/3\] {4}acc: [\d.]+ {2}loss: [\d.]+ {2}val_loss: /.test(line)),
    ).toBe(true);
  });

  it('can be followed by saveBest and by schedules', async () => {
    const storage = new MemoryStorage();
    const rates: number[] = [];
    const { runner } = boring(
      {
        valCfg: { loss: true },
        paramScheduler: { type: ReduceOnPlateauLR, monitor: 'val_loss', patience: 0, threshold: 1e9 },
        defaultHooks: { checkpoint: { interval: 1, saveBest: 'val_loss' } },
        customHooks: [
          { name: 'Rates', beforeTrainEpoch: (ctx) => void rates.push(ctx.optimWrapper?.paramGroups[0]?.lr as number) },
        ],
      },
      { storage },
    );
    await runner.train();
    expect((await storage.list('/runs/boring')).some((name) => name.startsWith('best_val_loss_epoch_'))).toBe(true);
    expect(rates[2]).toBeLessThan(rates[0] as number);
  });

  it('names every loss of a model with several, and their sum', async () => {
    class TwoLosses extends BoringModel {
      override forward(...args: Parameters<BoringModel['forward']>): unknown {
        const outputs = super.forward(...args);
        if (args[2] !== 'loss') return outputs;
        const { loss } = outputs as { loss: tf.Tensor };
        return { loss_cls: loss, loss_box: tf.mul(loss, 2), size: tf.scalar(3) };
      }
    }
    const model = new TwoLosses();
    const { runner } = boring({
      model,
      testDataloader: { dataset: new BoringDataset(5), batchSize: 2 },
      testEvaluator: new BoringMetric(),
      testCfg: { loss: true },
    });
    const metrics = await runner.test();
    expect(Object.keys(metrics)).toEqual(['acc', 'loss', 'loss_cls', 'loss_box', 'size', 'test_loss']);
    expect(metrics.test_loss).toBeCloseTo((metrics.loss_cls as number) + (metrics.loss_box as number), 6);
    expect(metrics.size).toBe(3);
    model.dispose();
  });

  it('leaves no tensor behind, nor does a model that gives none, which is refused', async () => {
    const before = tf.engine().state.numTensors;
    class NoLosses extends BoringModel {
      override valStep(...[batch]: Parameters<BoringModel['valStep']>): ReturnType<BoringModel['valStep']> {
        return super.valStep(batch);
      }
    }
    for (const model of [new BoringModel(), new NoLosses()]) {
      const { runner } = boring({ model, valCfg: { loss: true } });
      const evaluation = runner.val();
      if (model instanceof NoLosses)
        await expect(evaluation).rejects.toMatchObject({ code: 'ENGINE_RUNNER_BAD_COMPONENT', subject: 'model' });
      else expect(await evaluation).toHaveProperty('val_loss');
      await runner.dispose();
      model.dispose();
    }
    expect(tf.engine().state.numTensors).toBe(before);
  });
});

describe('LossMeans', () => {
  it('weighs batches by their samples, however many there are, and joins the ranks', async () => {
    const before = tf.memory().numTensors;
    const means = new LossMeans();
    for (let i = 0; i < 70; i++) await means.add({ loss: tf.scalar(i) }, { inputs: zeros(i === 69 ? 3 : 1) });
    const doubled: Communicator = {
      ...singleProcess,
      size: 2,
      allReduce: (data) => {
        for (const [index, value] of data.entries()) data[index] = value * 2 + (index % 2 === 0 ? 72 : 0);
        return Promise.resolve(data);
      },
    };
    const sum = (69 * 68) / 2 + 3 * 69;
    expect(await means.take(doubled)).toEqual({ loss: (2 * sum + 72) / 144 });
    expect(await means.take(singleProcess)).toEqual({});
    await means.add({ loss: tf.scalar(1) }, { inputs: [zeros(1), zeros(1)] });
    means.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

function zeros(samples: number): { dtype: 'float32'; shape: number[]; data: Float32Array } {
  return { dtype: 'float32', shape: [samples], data: new Float32Array(samples) };
}

describe('valCfg.fp16', () => {
  it('evaluates in the precision that the backend has, and says where it has none', async () => {
    const used: string[] = [];
    const plain = cpu();
    class Reduced implements Backend {
      readonly name = 'reduced';
      init = () => plain.init();
      memory = () => plain.memory();
      synchronize = () => plain.synchronize();
      dispose = () => plain.dispose();
      get capabilities() {
        return { ...plain.capabilities, autocast: ['bfloat16'] as const };
      }
      autocast<T>(dtype: string, run: () => T): T {
        used.push(dtype);
        return run();
      }
    }
    const reduced = new Reduced();
    await boring({ backend: reduced, valCfg: { fp16: true } }).runner.val();
    expect(used).toEqual(['bfloat16', 'bfloat16', 'bfloat16']);
    const { runner, lines } = boring({ valCfg: { fp16: true } });
    await runner.val();
    expect(lines).toContain('WARNING ValLoop: the backend cpu has no reduced precision; evaluating in float32.');
  });
});
