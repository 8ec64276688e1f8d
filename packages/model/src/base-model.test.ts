import { cpu } from '@engine/backend-cpu';
import { DeviceScalar, hostArray, StepOutputs, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  BaseModel,
  crossEntropy,
  type DataPreprocessor,
  Dropout,
  type HostBatch,
  Linear,
  type LossMinimizer,
  type LossResult,
  type Mode,
} from './index.js';

/** Plain gradient descent: the smallest thing that honours the contract. */
class Descent implements LossMinimizer {
  #last: StepOutputs | undefined;
  readonly minimised: number[] = [];
  constructor(
    readonly model: BaseModel,
    readonly lr: number,
  ) {}

  updateParams(lossFn: () => LossResult): StepOutputs {
    this.#last?.dispose();
    let kept: Record<string, tf.Tensor> = {};
    const parameters = this.model.parameters().filter(({ trainable }) => trainable);
    const { value, grads } = tf.variableGrads(
      () => {
        const result = lossFn();
        const named = result instanceof tf.Tensor ? { loss: result } : { ...result };
        kept = Object.fromEntries(Object.entries(named).map(([name, scalar]) => [name, tf.keep(tf.clone(scalar))]));
        return named.loss as tf.Scalar;
      },
      parameters.map((parameter) => parameter.value),
    );
    this.minimised.push(value.dataSync()[0] as number);
    for (const { value: variable } of parameters)
      variable.assign(tf.sub(variable, tf.mul(grads[variable.name] as tf.Tensor, this.lr)));
    this.#last = new StepOutputs(
      Object.fromEntries(Object.entries(kept).map(([name, scalar]) => [name, new DeviceScalar(scalar)])),
    );
    return this.#last;
  }

  dispose(): void {
    this.#last?.dispose();
  }
}

class Classifier extends BaseModel {
  drop = new Dropout(0.2);
  fc = new Linear(4, 3);
  seen: unknown[] = [];

  forward(inputs: tf.Tensor2D, labels: tf.Tensor1D, mode: Mode): unknown {
    this.seen.push([mode, inputs.dtype, labels.dtype]);
    const logits = this.fc.apply(this.drop.apply(inputs));
    if (mode === 'loss') return { loss: crossEntropy(logits, labels), half: tf.mul(tf.sum(logits), 0) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}

const BATCH: HostBatch = {
  inputs: hostArray(
    'float64',
    [6, 4],
    Float64Array.from({ length: 24 }, (_, i) => Math.sin(i * 3 + 1)),
  ),
  samples: hostArray('int64', [6], BigInt64Array.of(0n, 1n, 2n, 0n, 1n, 2n)),
};

let model: Classifier;
let descent: Descent;
beforeAll(() => cpu().init());
beforeEach(() => {
  model = new Classifier();
  model.initWeights(1);
  descent = new Descent(model, 0.5);
});
afterEach(() => {
  descent.dispose();
  model.dispose();
});

describe('trainStep', () => {
  it('preprocesses, differentiates and reports scalars, loss first', async () => {
    const outputs = model.trainStep(BATCH, descent);
    expect(outputs.names).toEqual(['loss', 'half']);
    expect(await outputs.read('loss')).toBe(descent.minimised[0]);
    expect(model.seen).toEqual([['loss', 'float32', 'int32']]);
  });

  it('learns', () => {
    model.drop.eval();
    for (let i = 0; i < 100; i++) model.trainStep(BATCH, descent);
    expect(descent.minimised.at(-1)).toBeLessThan((descent.minimised[0] as number) - 0.1);
  });

  it('keeps tensors and bytes flat', () => {
    model.trainStep(BATCH, descent);
    const before = tf.memory();
    for (let i = 0; i < 5; i++) model.trainStep(BATCH, descent);
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
  });

  it('is a function of seed and iteration, with dropout', () => {
    const train = (seed: number): number[] => {
      const twin = new Classifier();
      twin.initWeights(1);
      const minimizer = new Descent(twin, 0.5);
      for (let iteration = 0; iteration < 3; iteration++) {
        twin.beginStep({ seed, iteration });
        twin.trainStep(BATCH, minimizer);
      }
      minimizer.dispose();
      twin.dispose();
      return minimizer.minimised;
    };
    expect(train(4)).toEqual(train(4));
    expect(train(4)).not.toEqual(train(5));
  });

  it("reports the model's own loss and minimises the sum, as MMEngine", async () => {
    class Two extends Classifier {
      override forward(inputs: tf.Tensor2D, labels: tf.Tensor1D, mode: Mode): unknown {
        const { loss } = super.forward(inputs, labels, mode) as { loss: tf.Tensor };
        return { loss_aux: tf.scalar(10), loss };
      }
    }
    const two = new Two();
    const minimizer = new Descent(two, 0);
    const outputs = two.trainStep(BATCH, minimizer);
    expect(outputs.names).toEqual(['loss', 'loss_aux']);
    expect((await outputs.read('loss')) + 10).toBeCloseTo(minimizer.minimised[0] as number, 5);
    // who keeps a value has it beyond the step
    const kept = outputs.get('loss').retain();
    outputs.dispose();
    two.trainStep(BATCH, minimizer).dispose();
    expect(kept.tensor.isDisposed).toBe(false);
    kept.dispose();
    expect(kept.tensor.isDisposed).toBe(true);
    minimizer.dispose();
    two.dispose();
  });

  it('leaves frozen parameters alone', async () => {
    const before = (await model.stateDict()).get('fc.bias');
    if (model.fc.bias !== undefined) model.fc.bias.trainable = false;
    model.trainStep(BATCH, descent);
    expect((await model.stateDict()).get('fc.bias')).toEqual(before);
    expect(model.fc.bias?.trainable).toBe(false);
  });

  it('ENGINE_MODEL_BAD_LOSS, and frees what it made', () => {
    class Bad extends Classifier {
      override forward(): unknown {
        return tf.scalar(1);
      }
    }
    const bad = new Bad();
    const minimizer = new Descent(bad, 0);
    expect(() => bad.trainStep(BATCH, minimizer)).toThrow('ENGINE_MODEL_BAD_LOSS');
    const before = tf.memory().numTensors;
    expect(() => bad.trainStep(BATCH, minimizer)).toThrow('ENGINE_MODEL_BAD_LOSS');
    expect(tf.memory().numTensors).toBe(before);
    bad.dispose();
  });

  it('ENGINE_MODEL_LABEL_OUT_OF_RANGE comes before any update', async () => {
    class Direct extends Classifier {
      override forward(inputs: tf.Tensor2D, labels: tf.Tensor1D): unknown {
        return { loss: crossEntropy(inputs, labels) };
      }
    }
    const direct = new Direct();
    const minimizer = new Descent(direct, 0.5);
    const before = await direct.stateDict();
    const samples = hostArray('int32', [6], Int32Array.of(0, 1, 2, 4, 0, 0));
    expect(() => direct.trainStep({ ...BATCH, samples }, minimizer)).toThrow(
      /ENGINE_MODEL_LABEL_OUT_OF_RANGE[\s\S]*4 at index 3/,
    );
    expect(await direct.stateDict()).toEqual(before);
    direct.dispose();
  });
});

describe('valStep and testStep', () => {
  it('give predictions that belong to the caller, and nothing else stays', () => {
    model.eval();
    tf.dispose(model.valStep(BATCH).predictions as tf.Tensor[]);
    const before = tf.memory().numTensors;
    for (const step of [model.valStep(BATCH), model.testStep(BATCH)]) {
      const [logits, labels] = step.predictions as [tf.Tensor, tf.Tensor];
      expect([logits.shape, labels.shape, step.losses]).toEqual([[6, 3], [6], undefined]);
      tf.dispose([logits, labels]);
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(model.seen.slice(-2)).toEqual([
      ['predict', 'float32', 'int32'],
      ['predict', 'float32', 'int32'],
    ]);
  });

  it('give losses when asked', () => {
    tensorScope(() => {
      const { losses } = model.eval().valStep(BATCH, { loss: true });
      expect(Object.keys(losses ?? {})).toEqual(['loss', 'half']);
      expect(losses?.['loss']?.shape).toEqual([]);
    });
  });
});

describe('data preprocessor', () => {
  it('is the one given, and told whether it trains', () => {
    const asked: boolean[] = [];
    const dataPreprocessor: DataPreprocessor = {
      process: (_batch, training) => {
        asked.push(training);
        return { inputs: tf.zeros([2, 4]), samples: tf.zeros([2], 'int32') };
      },
    };
    class Own extends Classifier {}
    const own = Object.assign(new Own(), { dataPreprocessor });
    const minimizer = new Descent(own, 0);
    own.trainStep({ inputs: [] }, minimizer);
    tensorScope(() => void own.valStep({ inputs: [] }));
    expect(asked).toEqual([true, false]);
    expect(new Classifier({ dataPreprocessor }).dataPreprocessor).toBe(dataPreprocessor);
    minimizer.dispose();
    own.dispose();
  });
});
