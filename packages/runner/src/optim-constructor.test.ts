import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import {
  AdamW,
  DefaultOptimWrapperConstructor,
  LearningRateDecayOptimWrapperConstructor,
  type OptimWrapperConstructor,
  SGD,
} from '@engine/optim';
import { CosineAnnealingLR } from '@engine/scheduler';
import { afterEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import type { RunnerOptions } from './options.js';
import { afterIteration, type BoringRun, makeBoringRun, tensorsOf } from './testing/index.js';

const runs: BoringRun[] = [];
afterEach(async () => {
  for (const { runner, model } of runs.splice(0)) {
    await runner.dispose();
    model.dispose();
  }
});

function make(options: Partial<RunnerOptions>, storage = new MemoryStorage()): BoringRun {
  const run = makeBoringRun(cpu(), options, { storage });
  runs.push(run);
  return run;
}

const LAST = '/runs/boring/epoch_3.safetensors';
const optimizer = { type: AdamW, lr: 0.1, weightDecay: 0.5 };
const byLayer: Partial<RunnerOptions> = {
  optimWrapper: {
    optimizer,
    paramwiseCfg: { customKeys: { 'head.w': { lrMult: 0.5 } }, normDecayMult: 0, biasLrMult: 2 },
    accumulativeCounts: 2,
  },
  paramScheduler: { type: CosineAnnealingLR },
};

/** Names, first rates and weight decays of the groups in a checkpoint. */
async function groupsIn(storage: MemoryStorage): Promise<unknown[]> {
  const { sections } = await readCheckpoint(storage, LAST);
  const groups = (sections.get('paramGroups') as unknown as { default: Readonly<Record<string, unknown>>[] }).default;
  return groups.map(({ params, initialLr, weightDecay }) => [...(params as string[]), initialLr, weightDecay]);
}

describe('optimWrapper.paramwiseCfg', () => {
  it('makes a group for each parameter by its layer, each with a schedule from its own rate', async () => {
    const storage = new MemoryStorage();
    const { runner, lines } = make(byLayer, storage);
    await runner.train();
    expect(await groupsIn(storage)).toEqual([
      ['bn.weight', 0.1, 0],
      ['bn.bias', 0.1, 0],
      ['head.weight', 0.05, 0.5],
      ['head.bias', 0.2, 0.5],
    ]);
    expect(lines).toContain('INFO paramwise_options -- head.weight:lr=0.05');
  });

  it('resumes bit for bit', async () => {
    const storages = [new MemoryStorage(), new MemoryStorage()] as const;
    await make(byLayer, storages[0]).runner.train();
    const killed = afterIteration(6, () => {
      throw new Error('killed');
    });
    await expect(make({ ...byLayer, customHooks: [killed] }, storages[1]).runner.train()).rejects.toThrow('killed');
    await make({ ...byLayer, resume: true }, storages[1]).runner.train();
    expect(await tensorsOf(storages[1], LAST)).toEqual(await tensorsOf(storages[0], LAST));
    expect(await groupsIn(storages[1])).toEqual(await groupsIn(storages[0]));
  });

  it('warns of keys that no parameter has, and refuses options that do not exist with their place', async () => {
    const { runner, lines } = make({
      optimWrapper: { optimizer, paramwiseCfg: { customKeys: { haed: { lrMult: 2 } } } },
    });
    await runner.train();
    expect(lines.filter((line) => line.startsWith('WARNING paramwiseCfg'))).toEqual([
      expect.stringContaining('no parameter has "haed" in its name. The nearest are head'),
    ]);
    const misspelt = { optimizer, paramwiseCfg: { biasLrMlt: 2 } } as never;
    await expect(make({ optimWrapper: misspelt }).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_REGISTRY_UNKNOWN_OPTION',
      subject: 'optimWrapper.paramwiseCfg.biasLrMlt',
    });
  });
});

describe('optimWrapper.constructor', () => {
  const headOnly: OptimWrapperConstructor = {
    construct: (model, config, { build }) =>
      build(
        config,
        [...model.namedParameters().values()].filter(({ name }) => name.startsWith('head')),
      ),
  };

  it('decides what is trained', async () => {
    const storage = new MemoryStorage();
    await make({ optimWrapper: { constructor: headOnly, optimizer } }, storage).runner.train();
    expect(await groupsIn(storage)).toEqual([['head.weight', 'head.bias', 0.1, 0.5]]);
  });

  it('is a class, or a name once it is registered', async () => {
    const paramwiseCfg = { decayRate: 0.5, layers: ['^bn', '^head'] };
    const storage = new MemoryStorage();
    const constructor = LearningRateDecayOptimWrapperConstructor;
    const { runner } = make({ optimWrapper: { constructor, optimizer, paramwiseCfg } }, storage);
    await runner.train();
    expect(await groupsIn(storage)).toEqual([
      ['bn.weight', 'bn.bias', 0.025, 0],
      ['head.weight', 0.05, 0.5],
      ['head.bias', 0.05, 0],
    ]);
    const named = { constructor: 'DefaultOptimWrapperConstructor', optimizer: { type: SGD, lr: 1 } } as const;
    await expect(make({ optimWrapper: named }).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_REGISTRY_UNKNOWN_NAME', // a runner in code starts with an empty registry
      subject: 'optimWrapper.constructor',
    });
    expect(DefaultOptimWrapperConstructor.entry.name).toBe(named.constructor);
  });
});
