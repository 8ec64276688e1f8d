// The same training as config.ts, written in code, with a network and a metric of one's own.
import { wasm } from '@engine/backend-wasm';
import { BaseMetric } from '@engine/evaluator';
import {
  BaseModel,
  Conv2d,
  crossEntropy,
  Flatten,
  ImgDataPreprocessor,
  Linear,
  MaxPool2d,
  type Mode,
  ReLU,
  Sequential,
} from '@engine/model';
import { SGD } from '@engine/optim';
import { Runner, type RunnerOptions, type RunnerRuntime } from '@engine/runner';
import { MNIST } from '@engine/vision';
import * as tf from '@tensorflow/tfjs-core';

class Classifier extends BaseModel {
  // parameters are found by walking fields: features.0.weight, head.weight, ...
  readonly features = new Sequential(new Conv2d(1, 8, 3, { padding: 1 }), new ReLU(), new MaxPool2d(4), new Flatten());
  readonly head = new Linear(8 * 7 * 7, 10);

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const logits = this.head.apply(this.features.apply(images)) as tf.Tensor2D; // (N, 10)
    if (mode === 'loss') return { loss: crossEntropy(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}

class ErrorRate extends BaseMetric<{ wrong: number; total: number }> {
  override async process(_batch: unknown, [logits, labels]: [tf.Tensor2D, tf.Tensor1D]): Promise<void> {
    const wrong = await tf.sum(tf.notEqual(tf.argMax(logits, -1), labels)).data();
    this.results.push({ wrong: wrong[0] ?? 0, total: labels.size });
  }

  override computeMetrics(results: readonly { wrong: number; total: number }[]): { error: number } {
    const sum = (key: 'wrong' | 'total'): number => results.reduce((total, result) => total + result[key], 0);
    return { error: (100 * sum('wrong')) / sum('total') };
  }
}

/** Trains with `await makeRunner().train()`. `runtime` says, among other things, where log lines go besides the file. */
export function makeRunner({ maxEpochs = 3, workDir = 'runs/mnist-code' } = {}, runtime: RunnerRuntime = {}): Runner {
  const options = {
    backend: wasm(),
    model: new Classifier({ dataPreprocessor: new ImgDataPreprocessor({ mean: [33.3184], std: [78.5675] }) }),
    workDir,
    trainDataloader: { dataset: new MNIST({ train: true }), batchSize: 64, shuffle: true },
    trainCfg: { byEpoch: true, maxEpochs, valInterval: 1 },
    optimWrapper: { optimizer: { type: SGD, lr: 0.05, momentum: 0.9 } },
    valDataloader: { dataset: new MNIST({ train: false }), batchSize: 64 },
    valCfg: {},
    valEvaluator: new ErrorRate(),
  } satisfies RunnerOptions;
  return new Runner(options, runtime);
}
