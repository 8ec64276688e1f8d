/** Runs that draw everything from PyTorch's stream, resumed; whole ones are held to MMEngine's by the parity area training_curve. */
import { cpu } from '@engine/backend-cpu';
import { type HostArray, TorchGenerator } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import type { Hook } from '@engine/hooks';
import { NormalInit, type TrainableModel } from '@engine/model';
import { describe, expect, it } from 'vitest';
import { afterIteration, BoringModel, boringRuns, tensorsOf } from './testing/index.js';
import { TorchStream } from './torch-stream.js';

const boring = boringRuns(cpu);
let weights: HostArray | undefined;

/** Looks at the weights that training begins with. */
function start(): Hook {
  return {
    name: 'Start',
    async beforeTrain({ model }) {
      weights = (await model.stateDict()).get('head.weight');
    },
  };
}

describe('resuming on the stream', () => {
  const torch = { randomness: { seed: 1, generator: 'torch' } } as const;

  it.each([1, 4, 6, 11])('is exact when killed after iteration %i', async (k) => {
    const whole = boring(torch);
    await whole.runner.train();
    const storage = new MemoryStorage();
    const everyIteration = { defaultHooks: { checkpoint: { byEpoch: false, interval: 1 } } };
    const die = (): never => {
      throw new Error('killed');
    };
    const killed = boring({ ...torch, ...everyIteration, customHooks: [afterIteration(k, die)] }, { storage });
    await expect(killed.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
    await boring({ ...torch, resume: true }, { storage }).runner.train();
    const last = '/runs/boring/epoch_3.safetensors';
    expect(await tensorsOf(storage, last)).toEqual(await tensorsOf(whole.storage, last));
  });

  it('begins the first pass of a loop that counts iterations before initCfg draws', async () => {
    const { runner, model } = boring({ ...torch, trainCfg: { byEpoch: false, maxIters: 1 }, customHooks: [start()] });
    model.head.initCfg = { type: NormalInit, std: 0.5, layer: 'Linear' };
    const twin = new BoringModel();
    twin.head.initCfg = { type: NormalInit, std: 0.5, layer: 'Linear' };
    const generator = new TorchGenerator(1);
    twin.initWeights(generator, { afterConstruction: () => void generator.randomInt64() });
    await runner.train();
    expect(weights).toEqual((await twin.stateDict()).get('head.weight'));
    twin.dispose();
  });

  it('keyed noise draws nothing from it', async () => {
    const [keyed, streamed] = [boring(), boring(torch)];
    await keyed.runner.train();
    await streamed.runner.train();
    expect(await keyed.model.stateDict()).not.toEqual(await streamed.model.stateDict());
    expect(keyed.model.stepContext.stream).toBeUndefined();
  });
});

describe('TorchStream', () => {
  it('refuses a model that takes its noise elsewhere', () => {
    const foreign = { trainStep: () => {} } as unknown as TrainableModel;
    expect(() => new TorchStream(0, foreign)).toThrowError(
      expect.objectContaining({ code: 'ENGINE_RUNNER_BAD_COMPONENT', subject: 'model' }),
    );
  });
});
