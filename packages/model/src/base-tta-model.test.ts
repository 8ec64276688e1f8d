import { cpu } from '@engine/backend-cpu';
import { hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BaseModel, BaseTTAModel, type HostBatch, Linear, type Mode } from './index.js';

beforeAll(() => cpu().init());

/** Predicts its samples, one item for each. */
class Echo extends BaseModel {
  fc = new Linear(1, 1);
  forward(_inputs: tf.Tensor, samples: unknown, _mode: Mode): unknown {
    return samples;
  }
}

class Sum extends BaseTTAModel {
  mergePreds(predictions: readonly (readonly number[])[]): number[] {
    return predictions.map((versions) => versions.reduce((sum, x) => sum + x, 0));
  }
}

/** Logits and labels, as classifiers predict them: means of the logits of all versions. */
class Classifier extends BaseModel {
  forward(inputs: tf.Tensor, samples: unknown, _mode: Mode): unknown {
    return [tf.mul(inputs, 2), samples];
  }
}
class Mean extends BaseTTAModel {
  mergePreds(predictions: readonly (readonly tf.Tensor[])[]): unknown {
    const [logits = [], samples = []] = predictions;
    return [tf.mean(tf.stack([...logits]), 0), samples[0]];
  }
}

const one = (value: number) => hostArray('float32', [2, 1], Float32Array.of(value, value + 1));
const labels = hostArray('int32', [2], Int32Array.of(0, 1));

describe('BaseTTAModel', () => {
  it('merges what the versions of each sample give', () => {
    const model = new Sum({ module: new Echo() });
    const batch = {
      inputs: [one(0), one(5)],
      samples: [
        [3, 4],
        [4, 3],
      ],
    } as unknown as HostBatch;
    expect(model.testStep(batch).predictions).toEqual([7, 7]);
    expect(model.valStep(batch).predictions).toEqual([7, 7]);
    model.dispose();
  });

  it('merges tensors of whole batches too', () => {
    const model = new Mean({ module: new Classifier() });
    tf.tidy(() => {
      const batch = { inputs: [one(0), one(5)], samples: [labels, labels] } as unknown as HostBatch;
      const [logits, kept] = model.testStep(batch).predictions as [tf.Tensor, tf.Tensor];
      expect([...logits.dataSync()]).toEqual([5, 7]);
      expect([...kept.dataSync()]).toEqual([0, 1]);
    });
  });

  it('has the weights and the mode of its model', async () => {
    const module = new Echo();
    module.initWeights(0);
    const model = new Sum({ module });
    expect([...model.namedParameters().keys()]).toEqual(['fc.weight', 'fc.bias']);
    const state = await model.stateDict();
    model.loadStateDict(state);
    expect(await module.stateDict()).toEqual(state);
    expect([model.eval().training, module.training, model.train().training]).toEqual([false, false, true]);
    model.beginStep({ seed: 1, iteration: 2 });
    expect(module.stepContext.position).toEqual({ seed: 1, iteration: 2 });
    model.dispose();
  });

  it('ENGINE_MODEL_BAD_TTA', () => {
    const model = new Sum({ module: new Echo() });
    const step = (batch: unknown) => (): void => void model.testStep(batch as HostBatch);
    expect(() => new Sum({ module: {} as never })).toThrow('ENGINE_MODEL_BAD_TTA');
    expect(() => model.trainStep()).toThrow('ENGINE_MODEL_BAD_TTA');
    expect(step({ inputs: one(0) })).toThrow(/ENGINE_MODEL_BAD_TTA[\s\S]*one item for each version/);
    expect(step({ inputs: [one(0)], samples: [[1], [2]] })).toThrow(/1 items in samples/);
    expect(step({ inputs: [one(0), one(0)], samples: [[1], [2, 3]] })).toThrow(/as many predictions/);
    model.dispose();
  });
});
