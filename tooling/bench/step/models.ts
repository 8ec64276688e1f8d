import { BaseModel, crossEntropy, Linear, type Mode, type Module, ReLU, Sequential } from '@engine/model';
import { AdamW, type Optimizer, type OptimizerParams, SGD } from '@engine/optim';
import { LeNet5 } from '@engine/vision';
import * as tf from '@tensorflow/tfjs-core';
import { resNet18 } from './resnet18.js';
import { GPTTiny, ViTTiny } from './transformers.js';

export const modelNames = ['lenet', 'resnet18', 'vit-tiny', 'mlp', 'gpt-tiny'] as const;
export type ModelName = (typeof modelNames)[number];

type Batch = { readonly inputs: tf.Tensor; readonly targets: tf.Tensor };

/** One of the networks; `step.py` has the same. */
export interface BenchModel {
  /** What a step works on, printed with the times. */
  readonly unit: string;
  /** Steps of a round. */
  readonly steps: number;
  make(): BaseModel;
  optimizer(params: OptimizerParams): Optimizer;
  batch(): Batch;
}

/** A network of tensors. */
type Net = Module & { forward(inputs: tf.Tensor): tf.Tensor };

/** A network with cross entropy. */
class Classifier extends BaseModel {
  readonly net: Net;

  constructor(net: Net) {
    super();
    this.net = net;
  }

  override forward(inputs: tf.Tensor, targets: tf.Tensor, mode: Mode): unknown {
    const logits = this.net.apply(inputs);
    return mode === 'loss' ? { loss: crossEntropy(logits, targets) } : logits;
  }
}

/** The same numbers in both languages. */
function waves(shape: number[]): tf.Tensor {
  const count = shape.reduce((size, extent) => size * extent, 1);
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i * i * 0.01));
  return tf.tensor(values, shape);
}

const labels = (count: number): tf.Tensor =>
  tf.tensor1d(
    Array.from({ length: count }, (_, i) => i % 10),
    'int32',
  );

function text(batch: number, length: number): Batch {
  const bytes = Array.from({ length: batch * (length + 1) }, (_, i) => (i * i + 7 * i) % 251);
  const rows: tf.Tensor2D = tf.tensor2d(bytes, [batch, length + 1], 'int32');
  const part = (from: number): tf.Tensor => tf.slice2d(rows, [0, from], [batch, length]);
  return { inputs: part(0), targets: part(1) };
}

const sgd = (params: OptimizerParams): Optimizer => new SGD(params, { lr: 0.01, momentum: 0.9 });
const adamW = (params: OptimizerParams): Optimizer => new AdamW(params, { lr: 1e-3 });

export const models: Readonly<Record<ModelName, BenchModel>> = {
  lenet: {
    unit: 'LeNet 28x28x1, batch 64, SGD with momentum',
    steps: 40,
    make: () => new LeNet5(),
    optimizer: sgd,
    batch: () => ({ inputs: waves([64, 28, 28, 1]), targets: labels(64) }),
  },
  resnet18: {
    unit: 'ResNet-18 32x32x3, batch 32, SGD with momentum',
    steps: 1,
    make: () => new Classifier(resNet18()),
    optimizer: sgd,
    batch: () => ({ inputs: waves([32, 32, 32, 3]), targets: labels(32) }),
  },
  'vit-tiny': {
    unit: 'ViT-tiny (12 layers, width 192) 32x32x3 in 64 patches, batch 16, AdamW',
    steps: 1,
    make: () => new Classifier(new ViTTiny()),
    optimizer: adamW,
    batch: () => ({ inputs: waves([16, 32, 32, 3]), targets: labels(16) }),
  },
  mlp: {
    unit: 'MLP 784-512-512-10, batch 64, SGD with momentum',
    steps: 40,
    make: () =>
      new Classifier(
        new Sequential(new Linear(784, 512), new ReLU(), new Linear(512, 512), new ReLU(), new Linear(512, 10)),
      ),
    optimizer: sgd,
    batch: () => ({ inputs: waves([64, 784]), targets: labels(64) }),
  },
  'gpt-tiny': {
    unit: 'GPT-tiny (4 layers, width 128) of bytes, 8 texts of 128, AdamW',
    steps: 4,
    make: () => new Classifier(new GPTTiny()),
    optimizer: adamW,
    batch: () => text(8, 128),
  },
};
