import { cpu } from '@engine/backend-cpu';
import { Compose, defineDataset, defineTransform, TestTimeAug } from '@engine/dataset';
import { MemoryStorage } from '@engine/fileio';
import { BaseTTAModel, defineModel, type TrainableModel } from '@engine/model';
import { Registry, thing } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { BoringDataset, BoringMetric, BoringModel } from './testing/index.js';
import { buildRunnerWithTta } from './tta-runner.js';

/** Means of logits. Counts the batches that it has merged. */
class MeanLogits extends BaseTTAModel {
  static merged = 0;
  mergePreds([logits = [], labels = []]: readonly (readonly unknown[])[]): unknown {
    MeanLogits.merged += 1;
    return [tf.mean(tf.stack([...(logits as tf.Tensor[])]), 0), labels[0]];
  }
}
const MeanTTA = defineModel({
  name: 'MeanTTA',
  options: z.strictObject({ module: z.custom<TrainableModel>() }),
  create: ({ module }) => new MeanLogits({ module }),
});

const Same = defineTransform({
  name: 'Same',
  options: z.strictObject({}),
  create: () => ({ transform: (sample) => sample }),
});

const Piped = defineDataset({
  name: 'Piped',
  options: z.strictObject({ pipeline: z._default(z.array(thing('transform')), []) }),
  create: ({ pipeline }, ctx) => {
    const data = new BoringDataset(7);
    const compose = new Compose(pipeline.map((config, i) => ctx.build('transform', config, { key: `pipeline.${i}` })));
    return {
      metainfo: data.metainfo,
      length: data.length,
      testMode: true,
      init: () => Promise.resolve(),
      get: (index, at) => compose.transform({ ...data.get(index) }, at) as never,
    };
  },
});

/** Batches of versions: the metric wants the logits and labels of the batch. */
const config = (): Record<string, unknown> => ({
  backend: cpu(),
  workDir: '/runs/tta',
  testDataloader: { dataset: { type: Piped, pipeline: [] }, batchSize: 3 },
  testCfg: {},
  testEvaluator: new BoringMetric(),
  randomness: { seed: 3 },
  ttaModel: { type: MeanTTA },
  ttaPipeline: [{ type: TestTimeAug, transforms: [[{ type: Same }, { type: Same }]] }],
});

describe('buildRunnerWithTta', () => {
  it('tests what the model says of several versions of each sample', async () => {
    const model = new BoringModel();
    const storage = new MemoryStorage();
    const runtime = { storage, sinks: [], registry: new Registry() };
    MeanLogits.merged = 0;
    const runner = await buildRunnerWithTta({ ...config(), model } as never, runtime);
    const metrics = await runner.test();
    expect(MeanLogits.merged).toBe(3);
    expect(runner.model).toBe(model);
    expect(await runner.test()).toEqual(metrics);
    expect(MeanLogits.merged).toBe(6);
    expect(metrics.acc).toBeGreaterThanOrEqual(0);
    await runner.dispose();
    model.dispose();
  });

  it.each(['ttaModel', 'ttaPipeline', 'testDataloader'])('needs %s', async (key) => {
    const { [key]: _left, ...rest } = config();
    await expect(buildRunnerWithTta(rest)).rejects.toMatchObject({ code: 'ENGINE_RUNNER_INCOMPLETE', subject: key });
  });
});
