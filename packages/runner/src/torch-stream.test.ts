/** Runs that draw everything from PyTorch's stream, held to one of MMEngine, and resumed. */
import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import { type HostArray, hostArray } from '@engine/core';
import type { Dataset, Sample } from '@engine/dataset';
import { BaseMetric } from '@engine/evaluator';
import { MemoryStorage } from '@engine/fileio';
import type { Hook } from '@engine/hooks';
import {
  AvgPool2d,
  BaseModel,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Dropout,
  Flatten,
  Linear,
  type Mode,
  SiLU,
  type TrainableModel,
} from '@engine/model';
import { SGD } from '@engine/optim';
import { LinearLR } from '@engine/scheduler';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { RunnerOptions } from './options.js';
import { Runner } from './runner.js';
import { afterIteration, boringRuns, LossTrace, ManualPlatform, tensorsOf } from './testing/index.js';
import { TorchStream } from './torch-stream.js';

/** See `tooling/golden/record_dropout_curve.py`. */
interface Golden {
  readonly labels: readonly (readonly number[])[];
  readonly losses: readonly number[];
  readonly limits: readonly number[];
  readonly accuracies: readonly number[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/dropout_curve.json', import.meta.url), 'utf8'),
) as Golden;

class TinyLeNet extends BaseModel {
  readonly conv1 = new Conv2d(1, 4, 5, { bias: false });
  readonly bn = new BatchNorm2d(4);
  readonly conv2 = new Conv2d(4, 8, 5);
  readonly fc1 = new Linear(128, 16);
  readonly fc2 = new Linear(16, 10);
  readonly act = new SiLU();
  readonly pool = new AvgPool2d(2);
  readonly flatten = new Flatten();
  readonly drop = new Dropout(0.1);

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const low = this.pool.apply(this.act.apply(this.bn.apply(this.conv1.apply(images))));
    const high = this.pool.apply(this.act.apply(this.conv2.apply(low)));
    const hidden = this.drop.apply(this.act.apply(this.fc1.apply(this.flatten.apply(high))));
    const logits = this.fc2.apply(hidden) as tf.Tensor2D;
    return mode === 'loss' ? { loss_cls: crossEntropy(logits, labels) } : [logits, labels];
  }
}

/** Bars of ten kinds under a pattern. */
class BarDataset implements Dataset {
  readonly metainfo = {};

  constructor(
    readonly length: number,
    readonly offset = 0,
  ) {}

  init(): Promise<void> {
    return Promise.resolve();
  }

  get(k: number): Sample {
    const i = this.offset + k;
    const label = i % 10;
    const from = 2 + 5 * Math.floor(label / 2);
    const pixels = Float32Array.from({ length: 28 * 28 }, (_, at) => {
      const [y, x] = [Math.floor(at / 28), at % 28];
      const across = label % 2 === 0 ? y : x;
      const bar = across >= from && across < from + 4 ? 1 : 0;
      return bar + ((i * 7 + y * 3 + x * 5 + y * x) % 17) / 32 - 0.25;
    });
    return { inputs: hostArray('float32', [28, 28, 1], pixels), samples: label };
  }
}

class Accuracy extends BaseMetric<{ right: number; total: number }> {
  async process(_batch: unknown, [logits, labels]: readonly [tf.Tensor2D, tf.Tensor1D]): Promise<void> {
    const right = tf.sum(tf.cast(tf.equal(tf.argMax(logits, -1), labels), 'int32'));
    this.results.push({ right: (await right.data())[0] ?? 0, total: labels.size });
    right.dispose();
  }

  computeMetrics(results: readonly { right: number; total: number }[]): { accuracy: number } {
    const sum = (key: 'right' | 'total'): number => results.reduce((total, result) => total + result[key], 0);
    return { accuracy: (100 * sum('right')) / sum('total') };
  }
}

const options: Omit<RunnerOptions, 'model'> = {
  backend: wasm(),
  workDir: '/runs/bars',
  trainDataloader: { dataset: new BarDataset(165), batchSize: 16, shuffle: true, dropLast: true },
  trainCfg: { byEpoch: true, maxEpochs: 8, valInterval: 2 },
  optimWrapper: {
    optimizer: { type: SGD, lr: 0.1, momentum: 0.9, weightDecay: 1e-4 },
    accumulativeCounts: 3,
    clipGrad: { maxNorm: 2 },
  },
  paramScheduler: { type: LinearLR, startFactor: 0.1, byEpoch: false, begin: 0, end: 10 },
  valDataloader: { dataset: new BarDataset(43, 1000), batchSize: 16 },
  valCfg: {},
  valEvaluator: new Accuracy(),
  randomness: { seed: 0, generator: 'torch' },
};

describe("a run on PyTorch's stream", () => {
  it('has the losses of MMEngine, dropout included, and its accuracies', async () => {
    const model = new TinyLeNet();
    const trace = new LossTrace();
    const [labels, accuracies]: [number[][], number[]] = [[], []];
    const seen: Hook = {
      name: 'Seen',
      beforeTrainIter: (_ctx, { batch }) => void labels.push(Array.from((batch.samples as HostArray).data, Number)),
      afterValEpoch: (_ctx, { metrics }) => void accuracies.push(metrics['accuracy'] as number),
    };
    const runner = new Runner(
      { ...options, model, customHooks: [trace, seen] },
      { platform: new ManualPlatform(), storage: new MemoryStorage(), sinks: [] },
    );
    try {
      await runner.train();
    } finally {
      await runner.dispose();
      model.dispose();
    }
    expect(labels).toEqual(golden.labels);
    const losses = [...trace.losses.values()];
    const beyond = golden.losses.flatMap((loss, i) => {
      const error = Math.abs((losses[i] as number) - loss);
      return error <= (golden.limits[i] as number) ? [] : [{ i, error }];
    });
    expect(beyond).toEqual([]);
    expect(accuracies).toEqual(golden.accuracies);
  });
});

const boring = boringRuns(cpu);

describe('resuming on the stream', () => {
  const torch = { randomness: { seed: 1, generator: 'torch' } } as const;

  it.each([1, 4, 6, 11])('is exact when killed after iteration %i', async (k) => {
    const whole = boring(torch);
    await whole.runner.train();
    const storage = new MemoryStorage();
    const everyIteration = { defaultHooks: { checkpoint: { byEpoch: false, interval: 1 } } };
    const die = (): never => {
      throw new Error('killed');
    };
    const killed = boring({ ...torch, ...everyIteration, customHooks: [afterIteration(k, die)] }, { storage });
    await expect(killed.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
    await boring({ ...torch, resume: true }, { storage }).runner.train();
    const last = '/runs/boring/epoch_3.safetensors';
    expect(await tensorsOf(storage, last)).toEqual(await tensorsOf(whole.storage, last));
  });

  it('keyed noise draws nothing from it', async () => {
    const [keyed, streamed] = [boring(), boring(torch)];
    await keyed.runner.train();
    await streamed.runner.train();
    expect(await keyed.model.stateDict()).not.toEqual(await streamed.model.stateDict());
    expect(keyed.model.stepContext.stream).toBeUndefined();
  });
});

describe('TorchStream', () => {
  it('refuses a model that takes its noise elsewhere', () => {
    const foreign = { trainStep: () => {} } as unknown as TrainableModel;
    expect(() => new TorchStream(0, foreign)).toThrowError(
      expect.objectContaining({ code: 'ENGINE_RUNNER_BAD_COMPONENT', subject: 'model' }),
    );
  });
});
