import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import { ConstantInit, PretrainedInit } from '@engine/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { boringRuns } from './testing/make-runner.js';

const backend = cpu();
beforeAll(() => backend.init());
const make = boringRuns(() => backend);

describe('initCfg in a run', () => {
  it('sets weights before training and says so in the log', async () => {
    const { runner, model, lines } = make({ trainCfg: { byEpoch: true, maxEpochs: 1 }, logLevel: 'DEBUG' });
    model.initCfg = { type: ConstantInit, val: 0.25, bias: 0.5, layer: 'Linear' };
    let first: ArrayLike<unknown> | undefined;
    const { trainStep } = model;
    model.trainStep = function (...args): ReturnType<typeof trainStep> {
      first ??= model.head.weight.value.dataSync().slice();
      return trainStep.apply(model, args);
    };
    await runner.train();
    expect(first).toEqual(new Float32Array(24).fill(0.25));
    const told = lines.find((line) => line.startsWith('DEBUG Name of parameter - Initialization information'));
    expect(told).toMatch(/head\.bias - \(3\):\nConstantInit: val=0\.25, bias=0\.5\n/);
  });

  it('loads what Pretrained names from a checkpoint of another run', async () => {
    const storage = new MemoryStorage();
    const one = make({ trainCfg: { byEpoch: true, maxEpochs: 1 } }, { storage });
    await one.runner.train();
    const two = make({ workDir: '/runs/second' }, { storage });
    two.model.initCfg = { type: PretrainedInit, checkpoint: '/runs/boring/epoch_1.safetensors' };
    await two.runner.val();
    expect(await two.model.stateDict()).toEqual(await one.model.stateDict());
  });

  it('a checkpoint that is not there: ENGINE_RUNNER_CHECKPOINT_MISSING; a wrong config: at the model, by its place', async () => {
    const missing = make();
    missing.model.head.initCfg = { type: PretrainedInit, checkpoint: '/nowhere.safetensors' };
    await expect(missing.runner.train()).rejects.toThrow(/ENGINE_RUNNER_CHECKPOINT_MISSING[\s\S]*nowhere/);
    const wrong = make();
    wrong.model.head.initCfg = { type: ConstantInit, vale: 1 } as never;
    await expect(wrong.runner.train()).rejects.toThrow(/ENGINE_REGISTRY_UNKNOWN_OPTION[\s\S]*head\.initCfg/);
  });
});
