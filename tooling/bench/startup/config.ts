import { hostArray } from '@engine/core';
import { defineDataset } from '@engine/dataset';
import { BaseModel, defineModel, Linear, type Mode, mseLoss } from '@engine/model';
import { defineConfig } from '@engine/standard';
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

class Tiny extends BaseModel {
  readonly fc = new Linear(2, 1);

  override forward(inputs: tf.Tensor2D, targets: tf.Tensor2D, mode: Mode): unknown {
    const outputs = this.fc.apply(inputs);
    return mode === 'loss' ? { loss: mseLoss(outputs, targets) } : outputs;
  }
}

const TinyModel = defineModel({ name: 'TinyModel', options: z.strictObject({}), create: () => new Tiny() });

const sample = {
  inputs: hostArray('float32', [2], Float32Array.of(1, 2)),
  samples: hostArray('float32', [1], Float32Array.of(1)),
};
const Points = defineDataset({
  name: 'Points',
  options: z.strictObject({}),
  create: () => ({ metainfo: {}, length: 10, init: () => Promise.resolve(), get: () => sample }),
});

declare module '@engine/registry' {
  interface Models {
    TinyModel: typeof TinyModel;
  }
  interface Datasets {
    Points: typeof Points;
  }
}

/** What `npm run bench -- startup` trains: `train.py` is the same in MMEngine. The work dir comes from the command line. */
export default defineConfig({
  backend: { type: 'wasm', threads: 1 },
  model: { type: TinyModel },
  trainDataloader: { dataset: { type: Points }, batchSize: 1 },
  trainCfg: { byEpoch: true, maxEpochs: 1 },
  optimWrapper: { optimizer: { type: 'SGD', lr: 0.01 } },
  defaultHooks: { logger: { interval: 1 } },
});
