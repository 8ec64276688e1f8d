// Runs with other optim wrappers than the plain one: loss scaling, several optimizers, gradients that are not finite.
import { cpu } from '@engine/backend-cpu';
import { StepOutputs, tensorScope } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import {
  BaseModel,
  binaryCrossEntropyWithLogits,
  type HostBatch,
  Linear,
  type LossMinimizer,
  type Mode,
  type StepPosition,
} from '@engine/model';
import { Adam, AmpOptimWrapper, OptimWrapperDict, SGD } from '@engine/optim';
import { ConstantLR, ExponentialLR } from '@engine/scheduler';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import type { RunnerOptions } from './options.js';
import { afterIteration, BoringModel, boringRuns, tensorsOf } from './testing/index.js';

beforeAll(() => cpu().init());
const models: BaseModel[] = [];
const keep = <M extends BaseModel>(model: M): M => {
  models.push(model);
  return model;
};
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});
const boring = boringRuns(cpu); // frees its runs before
const die = (): never => {
  throw new Error('killed');
};
const LAST = '/runs/boring/iter_12.safetensors';
const everyIteration = { checkpoint: { byEpoch: false, interval: 1 }, logger: { interval: 1 } } as const;

/** Its loss, or only the gradient of its loss, is NaN in some iterations. */
class Spoilt extends BoringModel {
  #iteration = 0;

  constructor(
    readonly bad: readonly number[],
    readonly only: 'loss' | 'gradient' = 'loss',
  ) {
    super();
  }

  override beginStep(position: StepPosition): void {
    super.beginStep(position);
    this.#iteration = position.iteration;
  }

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const out = super.forward(images, labels, mode) as { loss: tf.Tensor };
    if (mode !== 'loss' || !this.bad.includes(this.#iteration)) return out;
    if (this.only === 'loss') return { loss: tf.mul(out.loss, Number.NaN) };
    return { loss: tf.add(out.loss, tf.sqrt(tf.mul(out.loss, 0))) }; // the slope of the root at 0 is infinite, times 0
  }
}

describe('a run with a loss scale', () => {
  const options = (bad: readonly number[], rest: Partial<RunnerOptions> = {}): Partial<RunnerOptions> => ({
    model: keep(new Spoilt(bad)),
    optimWrapper: {
      type: AmpOptimWrapper,
      optimizer: { type: Adam, lr: 0.05 },
      lossScale: { initScale: 1024, growthInterval: 3 },
      clipGrad: { maxNorm: 1 },
    },
    defaultHooks: everyIteration,
    ...rest,
  });
  const scaleIn = async (storage: MemoryStorage, iter: number): Promise<unknown> => {
    const { sections } = await readCheckpoint(storage, `/runs/boring/iter_${iter}.safetensors`);
    return (sections.get('scaler') as { default: { lossScaler: object } }).default.lossScaler;
  };

  it('skips updates that overflow and goes on; the scale is in the checkpoints', async () => {
    const storage = new MemoryStorage();
    const { runner, lines } = boring(options([2, 3, 8]), { storage });
    await runner.train();
    expect(await scaleIn(storage, 2)).toMatchObject({ scale: 1024, growthTracker: 2 });
    expect(await scaleIn(storage, 4)).toMatchObject({ scale: 256, growthTracker: 0 });
    expect(await scaleIn(storage, 12)).toMatchObject({ scale: 512, growthTracker: 0 }); // 256, grown after 7, halved by 9, grown after 12
    const { tensors } = await readCheckpoint(storage, LAST);
    expect(tensors.get('optim/default/step/head.bias')?.data).toEqual(BigInt64Array.of(9n));
    expect(lines.filter((line) => line.includes('AmpOptimWrapper'))).toHaveLength(1);
  });

  it.each([3, 4, 9])('resumes bit for bit after iteration %i', async (k) => {
    const [whole, parts] = [new MemoryStorage(), new MemoryStorage()];
    await boring(options([2, 3, 8]), { storage: whole }).runner.train();
    const first = boring(options([2, 3, 8], { customHooks: [afterIteration(k, die)] }), { storage: parts });
    await expect(first.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
    await boring(options([2, 3, 8], { resume: true }), { storage: parts }).runner.train();
    expect(await tensorsOf(parts, LAST)).toEqual(await tensorsOf(whole, LAST));
    expect(await scaleIn(parts, 12)).toEqual(await scaleIn(whole, 12));
  });
});

describe('gradients that are not finite', () => {
  const options = (clipGrad: object): Partial<RunnerOptions> => ({
    model: keep(new Spoilt([5], 'gradient')),
    optimWrapper: { optimizer: { type: SGD, lr: 0.1 }, clipGrad: { maxNorm: 1, ...clipGrad } },
  });

  it('end a run that clips by norm before they reach a checkpoint, though the loss was finite', async () => {
    const { runner, storage } = boring(options({}));
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_NON_FINITE_GRADIENT',
      received: 'gradNorm = NaN in iteration 6, where the loss was finite',
      action: expect.stringContaining('the last good checkpoint is /runs/boring/epoch_1.safetensors'),
    });
    expect(await storage.exists('/runs/boring/epoch_2.safetensors')).toBe(false);
  });

  it('with errorIfNonfinite end it at once, with the weights as they were', async () => {
    const { runner } = boring(options({ errorIfNonfinite: true }));
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_OPTIM_NON_FINITE_GRADIENT',
      received: 'a norm of NaN or Infinity in update 6, which was not made',
    });
    for (const { value } of (models[0] as BaseModel).namedParameters().values())
      expect([...value.dataSync()].every(Number.isFinite)).toBe(true);
  });
});

/** Two parts that pull at one another, each with an optimizer of its own. */
class Duel extends BaseModel {
  readonly gen = new Linear(8, 8);
  readonly disc = new Linear(8, 1);

  override forward(images: tf.Tensor | readonly tf.Tensor[], labels: unknown, mode: Mode): unknown {
    const features = tf.reshape(images as tf.Tensor, [-1, 8]) as tf.Tensor2D;
    const made = this.gen.apply(features) as tf.Tensor2D;
    return mode === 'predict' ? [tf.slice(made, [0, 0], [-1, 3]), labels] : [features, made];
  }

  override trainStep(batch: HostBatch, optimWrapper: LossMinimizer): StepOutputs {
    const wrappers = optimWrapper as OptimWrapperDict;
    return tensorScope(() => {
      const { inputs, samples } = this.preprocess(batch);
      const judge = (which: 0 | 1, label: 0 | 1): tf.Tensor => {
        const pair = (this as BaseModel).apply(inputs, samples, 'tensor') as [tf.Tensor2D, tf.Tensor2D];
        const logits = this.disc.apply(pair[which]) as tf.Tensor2D;
        return binaryCrossEntropyWithLogits(logits, tf.fill(logits.shape, label));
      };
      const disc = wrappers.get('disc').updateParams(() => tf.add(judge(0, 1), judge(1, 0)) as tf.Scalar);
      const gen = wrappers.get('gen').updateParams(() => judge(1, 1) as tf.Scalar);
      return new StepOutputs({ lossDisc: disc.loss.retain(), lossGen: gen.loss.retain() });
    });
  }
}

describe('a run with several optimizers', () => {
  const options = (rest: Partial<RunnerOptions> = {}): Partial<RunnerOptions> => ({
    model: keep(new Duel()),
    optimWrapper: {
      type: OptimWrapperDict,
      wrappers: {
        gen: { optimizer: { type: Adam, lr: 0.1 } },
        disc: { type: AmpOptimWrapper, optimizer: { type: SGD, lr: 0.4, momentum: 0.5 }, dtype: 'float32' },
      },
    },
    paramScheduler: {
      gen: [{ type: ExponentialLR, gamma: 0.5 }],
      disc: { type: ConstantLR, factor: 0.25, end: 2 },
    },
    defaultHooks: everyIteration,
    ...rest,
  });

  it('trains both, schedules and logs each by name, and saves both', async () => {
    const storage = new MemoryStorage();
    const { runner, lines } = boring(options(), { storage });
    await runner.train();
    const logged = lines.filter((line) => line.includes('Epoch(train)'));
    expect(logged[0]).toMatch(/gen\.lr: 1\.0000e-01 +disc\.lr: 1\.0000e-01 .*lossDisc: \S+ +lossGen: /);
    expect(logged.at(-1)).toMatch(/gen\.lr: 2\.5000e-02 +disc\.lr: 4\.0000e-01/);
    const { tensors, sections } = await readCheckpoint(storage, LAST);
    expect([...tensors.keys()].filter((name) => name.startsWith('optim/'))).toEqual([
      'optim/gen/step/gen.weight',
      'optim/gen/expAvg/gen.weight',
      'optim/gen/expAvgSq/gen.weight',
      'optim/gen/step/gen.bias',
      'optim/gen/expAvg/gen.bias',
      'optim/gen/expAvgSq/gen.bias',
      'optim/disc/momentumBuffer/disc.weight',
      'optim/disc/momentumBuffer/disc.bias',
    ]);
    expect(sections.get('paramGroups')).toMatchObject({ gen: [{ lr: 0.025 }], disc: [{ lr: 0.4 }] });
    expect(sections.get('scaler')).toMatchObject({ disc: { lossScaler: { scale: 65536, growthTracker: 12 } } });
  });

  it.each([2, 4, 7])('resumes bit for bit after iteration %i', async (k) => {
    const [whole, parts] = [new MemoryStorage(), new MemoryStorage()];
    await boring(options(), { storage: whole }).runner.train();
    const first = boring(options({ customHooks: [afterIteration(k, die)] }), { storage: parts });
    await expect(first.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
    await boring(options({ resume: true }), { storage: parts }).runner.train();
    expect(await tensorsOf(parts, LAST)).toEqual(await tensorsOf(whole, LAST));
  });

  it('refuses a checkpoint of other optimizers with ENGINE_RUNNER_CHECKPOINT_MISMATCH', async () => {
    const storage = new MemoryStorage();
    await boring(options({ trainCfg: { byEpoch: true, maxEpochs: 1 } }), { storage }).runner.train();
    const { runner } = boring(
      options({
        optimWrapper: {
          type: OptimWrapperDict,
          wrappers: { generator: { optimizer: { type: Adam } }, disc: { optimizer: { type: SGD } } },
          modules: { generator: 'gen' },
        },
        paramScheduler: { type: ConstantLR },
        resume: true,
        allowChanges: true,
      }),
      { storage },
    );
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_CHECKPOINT_MISMATCH',
      expected: 'the state of the optim wrappers generator, disc',
      received: 'that of gen, disc',
    });
  });

  it('tells whoever trains it like a model with one optimizer which to name', async () => {
    const { runner } = boring(
      options({
        model: keep(new BoringModel()),
        optimWrapper: {
          type: OptimWrapperDict,
          wrappers: { head: { optimizer: { type: SGD } } },
        },
        paramScheduler: { type: ConstantLR },
      }),
    );
    await expect(runner.train()).rejects.toMatchObject({ code: 'ENGINE_OPTIM_NAME_ONE' });
  });
});
