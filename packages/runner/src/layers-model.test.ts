import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import { crossEntropy } from '@engine/model';
import { LayersModelAdapter } from '@engine/model/layers-model';
import { Adam } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, expect, it } from 'vitest';
import { Runner } from './runner.js';
import { BoringDataset, BoringMetric, ManualPlatform } from './testing/boring.js';

const backend = cpu();
beforeAll(() => backend.init());

const network = (): layers.LayersModel =>
  layers.sequential({
    layers: [
      layers.layers.flatten({ inputShape: [2, 2, 2] }),
      layers.layers.dense({ units: 16, activation: 'relu' }),
      layers.layers.dense({ units: 3 }),
    ],
  });

const adapted = (model: layers.LayersModel): LayersModelAdapter =>
  new LayersModelAdapter({ model, loss: (logits, labels) => crossEntropy(logits as tf.Tensor, labels as tf.Tensor) });

function makeRunner(model: LayersModelAdapter, storage: MemoryStorage, options: object = {}): Runner {
  return new Runner(
    {
      backend,
      model,
      workDir: '/runs/keras',
      trainDataloader: { dataset: new BoringDataset(60), batchSize: 10, shuffle: true },
      trainCfg: { byEpoch: true, maxEpochs: 8, valInterval: 8 },
      optimWrapper: { optimizer: { type: Adam, lr: 0.02 } },
      valDataloader: { dataset: new BoringDataset(60), batchSize: 10 },
      valCfg: {},
      valEvaluator: new BoringMetric(),
      testDataloader: { dataset: new BoringDataset(60), batchSize: 10 },
      testCfg: {},
      testEvaluator: new BoringMetric(),
      randomness: { seed: 1 },
      ...options,
    },
    { platform: new ManualPlatform(), storage, sinks: [] },
  );
}

const probe = (model: layers.LayersModel): number[] =>
  tf.tidy(() => [...(model.predict(tf.ones([1, 2, 2, 2])) as tf.Tensor).dataSync()]);

it('trains a Keras-style model, which learns, and whose weights go into a checkpoint and out again, and into its own format', async () => {
  const storage = new MemoryStorage();
  const trained = adapted(network());
  const runner = makeRunner(trained, storage);
  const before = (await runner.val()).acc as number;
  await runner.train();
  const { acc } = await runner.val();
  expect(acc).toBeGreaterThan(Math.max(before + 15, 80));
  await runner.dispose();

  // checkpoint → another model of TensorFlow.js
  const restored = adapted(network());
  const tester = makeRunner(restored, storage, { loadFrom: '/runs/keras/epoch_8.safetensors', workDir: '/runs/test' });
  expect((await tester.test()).acc).toBe(acc);
  expect(probe(restored.model)).toEqual(probe(trained.model));
  await tester.dispose();

  // that → its own format → back under the engine
  let artifacts: tf.io.ModelArtifacts = {};
  await restored.model.save(
    tf.io.withSaveHandler(async (saved) => {
      artifacts = saved;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) };
    }),
  );
  const imported = adapted(await layers.loadLayersModel(tf.io.fromMemory(artifacts)));
  expect(await imported.stateDict()).toEqual(await trained.stateDict());
  for (const model of [trained, restored, imported]) model.dispose();
});
