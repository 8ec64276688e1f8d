/** What the golden runs train: pictures of bars, made by a formula, and a small convolutional network. */
import { hostArray } from '@engine/core';
import { type Dataset, defineDataset, type Sample } from '@engine/dataset';
import { BaseMetric, defineMetric } from '@engine/evaluator';
import {
  AvgPool2d,
  BaseModel,
  BatchNorm2d,
  Conv2d,
  crossEntropy,
  Dropout,
  defineModel,
  Flatten,
  type InitCfg,
  Linear,
  type Mode,
  SiLU,
} from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

const SIDE = 28;
const CLASSES = 10;

export class TinyLeNet extends BaseModel {
  static readonly entry = defineModel({
    name: 'TinyLeNet',
    options: z.strictObject({ pDrop: z.number(), initCfg: z.optional(z.custom<InitCfg>(() => true)) }),
    create: ({ pDrop, initCfg }) => new TinyLeNet(pDrop, initCfg),
    doc: 'The network of the golden training curves.',
  });
  readonly conv1 = new Conv2d(1, 4, 5, { bias: false });
  readonly bn = new BatchNorm2d(4);
  readonly conv2 = new Conv2d(4, 8, 5);
  readonly fc1 = new Linear(128, 16);
  readonly fc2 = new Linear(16, CLASSES);
  readonly act = new SiLU();
  readonly pool = new AvgPool2d(2);
  readonly flatten = new Flatten();
  readonly drop: Dropout;

  constructor(pDrop: number, initCfg?: InitCfg) {
    super({ initCfg });
    this.drop = new Dropout(pDrop);
  }

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const low = this.pool.apply(this.act.apply(this.bn.apply(this.conv1.apply(images))));
    const high = this.pool.apply(this.act.apply(this.conv2.apply(low)));
    const hidden = this.drop.apply(this.act.apply(this.fc1.apply(this.flatten.apply(high))));
    const logits = this.fc2.apply(hidden) as tf.Tensor2D;
    return mode === 'loss'
      ? {
          loss_cls: crossEntropy(logits, labels),
          acc: tf.div(tf.sum(tf.cast(hits(logits, labels), 'float32')), labels.size),
        }
      : [logits, labels];
  }
}

function hits(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor {
  return tf.equal(tf.argMax(logits, -1), tf.cast(labels, 'int32'));
}

export class FormulaDataset implements Dataset {
  static readonly entry = defineDataset({
    name: 'FormulaDataset',
    options: z.strictObject({ n: z.int(), offset: z._default(z.int(), 0) }),
    create: ({ n, offset }) => new FormulaDataset(n, offset),
    doc: 'Bars of ten kinds under a pattern.',
  });
  readonly metainfo = { classes: Array.from({ length: CLASSES }, (_, label) => String(label)) };

  constructor(
    readonly length: number,
    readonly offset: number,
  ) {}

  init(): Promise<void> {
    return Promise.resolve();
  }

  get(k: number): Sample {
    const i = this.offset + k;
    const label = i % CLASSES;
    const from = 2 + 5 * Math.floor(label / 2);
    const pixels = Float32Array.from({ length: SIDE * SIDE }, (_, at) => {
      const [y, x] = [Math.floor(at / SIDE), at % SIDE];
      const across = label % 2 === 0 ? y : x;
      const bar = across >= from && across < from + 4 ? 1 : 0;
      return bar + ((i * 7 + y * 3 + x * 5 + y * x) % 17) / 32 - 0.25;
    });
    return { inputs: hostArray('float32', [SIDE, SIDE, 1], pixels), samples: label };
  }
}

interface Batch {
  readonly right: number;
  readonly total: number;
}

export class Acc extends BaseMetric<Batch> {
  static readonly entry = defineMetric({
    name: 'Acc',
    options: z.strictObject({}),
    create: () => new Acc({ prefix: 'val' }),
    doc: 'Accuracy in percent, and the number of samples.',
  });

  async process(_batch: unknown, [logits, labels]: readonly [tf.Tensor2D, tf.Tensor1D]): Promise<void> {
    const right = await tf.sum(tf.cast(hits(logits, labels), 'int32')).data();
    this.results.push({ right: right[0] ?? 0, total: labels.size });
  }

  computeMetrics(results: readonly Batch[]): { accuracy: number; count: bigint } {
    const sum = (key: keyof Batch): number => results.reduce((total, result) => total + result[key], 0);
    return { accuracy: (100 * sum('right')) / sum('total'), count: BigInt(sum('total')) };
  }
}
