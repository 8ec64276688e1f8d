/** Runs that start from files of PyTorch, written by `tooling/golden/record_torch_files.py`. */
import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import type { LoadedCheckpoint, RunContext } from '@engine/hooks';
import { BaseModel, BatchNorm2d, Conv2d, crossEntropy, Linear, type Mode, PretrainedInit } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boringRuns } from './testing/make-runner.js';

const golden = (name: string) => readFileSync(new URL(`../../../tooling/golden/torch/${name}`, import.meta.url));
const { logits: expected } = (JSON.parse(golden('expected.json').toString()) as { runner: { logits: number[] } })
  .runner;

/** The network that the script trains under MMEngine. */
class Tiny extends BaseModel {
  readonly conv = new Conv2d(2, 2, 2);
  readonly bn = new BatchNorm2d(2);
  readonly fc: Linear;

  constructor(classes = 3) {
    super();
    this.fc = new Linear(2, classes);
  }

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const features = tf.mean(this.bn.apply(this.conv.apply(images)) as tf.Tensor4D, [1, 2]) as tf.Tensor2D;
    const logits = this.fc.apply(features) as tf.Tensor2D;
    if (mode === 'loss') return { loss: crossEntropy(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}

function logitsOf(model: Tiny): number[] {
  model.eval();
  return tf.tidy(() => {
    const images = tf.transpose(tf.reshape(tf.div(tf.range(0, 16), 16), [2, 2, 2, 2]) as tf.Tensor4D, [0, 2, 3, 1]);
    return [...(model.forward(images, tf.tensor1d([]), 'tensor') as tf.Tensor).dataSync()];
  });
}

function expectLogits(model: Tiny): void {
  const logits = logitsOf(model);
  expect(logits).toHaveLength(expected.length);
  for (const [i, logit] of expected.entries()) expect(Math.abs((logits[i] ?? Number.NaN) - logit)).toBeLessThan(5e-5);
}

const backend = cpu();
beforeAll(() => backend.init());
const make = boringRuns(() => backend);
let storage: MemoryStorage;
beforeEach(async () => {
  storage = new MemoryStorage();
  await storage.put('/torch/epoch_2.pth', golden('runner.pth'));
});

const loadFrom = '/torch/epoch_2.pth';

describe('loadFrom of a file of PyTorch', () => {
  it('computes what PyTorch does', async () => {
    const model = new Tiny();
    let seen: object | undefined;
    const look = {
      name: 'Look',
      afterLoadCheckpoint: (_ctx: RunContext, { checkpoint }: { checkpoint: LoadedCheckpoint }) =>
        void (seen = checkpoint),
    };
    const { runner, lines } = make({ model, loadFrom, customHooks: [look] }, { storage });
    await runner.val();
    expectLogits(model);
    expect(lines).toContain(`INFO Load checkpoint from ${loadFrom}`);
    expect(lines.filter((line) => line.startsWith('WARN'))).toEqual([]);
    expect(seen).toMatchObject({ path: loadFrom, meta: { epoch: 2, iter: 4, seeds: { run: 3 } } });
    model.dispose();
  });

  it('trains on from there, as a fresh run, with what the model shares', async () => {
    const model = new Tiny();
    const { runner } = make({ model, loadFrom, trainCfg: { byEpoch: true, maxEpochs: 1 } }, { storage });
    expect(await runner.train()).toMatchObject({ checkpoint: '/runs/boring/epoch_1.safetensors' });
    model.dispose();
    const { runner: other, lines } = make({ loadFrom, workDir: '/runs/other' }, { storage });
    await other.train();
    expect(lines).toContain(`WARNING Not in ${loadFrom}, left as they are: head.weight, head.bias`);
  });

  it('refuses a model of other shapes or names, and to resume', async () => {
    const model = new Tiny(4);
    const other = make({ model, loadFrom }, { storage });
    await expect(other.runner.val()).rejects.toThrow(/ENGINE_RUNNER_CHECKPOINT_MISMATCH[\s\S]*fc\.weight/);
    model.dispose();
    await expect(make({ loadFrom }, { storage }).runner.val()).rejects.toThrow(
      /ENGINE_RUNNER_CHECKPOINT_MISMATCH[\s\S]*missing: head\.weight, head\.bias; unexpected: conv\.weight/,
    );
    for (const resume of [loadFrom, true])
      await expect(make({ loadFrom, resume }, { storage }).runner.train()).rejects.toThrow(
        /ENGINE_RUNNER_CHECKPOINT_FOREIGN[\s\S]*without resume/,
      );
  });

  it('says what is wrong with the file', async () => {
    await storage.put('/torch/cut.pth', golden('runner.pth').subarray(0, 5000));
    await storage.put('/torch/script.pth', golden('torchscript.pt'));
    await storage.put('/torch/others.pth', golden('others.pth'));
    for (const [name, code] of [
      ['cut', 'TORCH_TRUNCATED'],
      ['script', 'TORCH_KIND'],
      ['others', 'TORCH_NO_WEIGHTS'],
    ])
      await expect(make({ loadFrom: `/torch/${name}.pth` }, { storage }).runner.val()).rejects.toThrow(
        `ENGINE_FILEIO_${code}  /torch/${name}.pth`,
      );
  });

  it('is what Pretrained takes too', async () => {
    const model = new Tiny();
    model.initCfg = { type: PretrainedInit, checkpoint: loadFrom };
    await make({ model }, { storage }).runner.val();
    expectLogits(model);
    const whole = await model.stateDict();
    model.dispose();
    const part = new Tiny();
    part.conv.initCfg = { type: PretrainedInit, checkpoint: loadFrom, prefix: 'conv' };
    await make({ model: part }, { storage }).runner.val();
    const partly = await part.stateDict();
    expect(partly.get('conv.weight')).toEqual(whole.get('conv.weight'));
    expect(partly.get('fc.weight')).not.toEqual(whole.get('fc.weight'));
    part.dispose();
  });
});
