import { cpu } from '@engine/backend-cpu';
import { type HostArray, hostArray } from '@engine/core';
import { MomentumAnnealingEMA, StochasticWeightAverage } from '@engine/model';
import { Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckpointDraft, LoadedCheckpoint } from './checkpoint.js';
import { EMAHook, type EMAHookOptions } from './ema-hook.js';
import { HookList } from './hook-list.js';
import { makeTestRun, type TestRun, TinyModel, tinyBatch } from './testing/index.js';

beforeAll(() => cpu().init());

let run: TestRun;
const hooks: EMAHook[] = [];
beforeEach(() => {
  run = makeTestRun();
});
afterEach(async () => {
  for (const hook of hooks.splice(0)) hook.dispose();
  await run.close();
});

function start(options: EMAHookOptions = {}): EMAHook {
  const hook = new EMAHook(options);
  hooks.push(hook);
  hook.beforeRun(run);
  hook.beforeTrain(run);
  return hook;
}

function train(hook: EMAHook, iterations: number): void {
  for (let i = 0; i < iterations; i++) {
    run.trainStep(tinyBatch(run.iter)).dispose();
    hook.afterTrainIter(run);
    run.iter += 1;
    run.epoch = Math.floor(run.iter / 4);
  }
}

/** A checkpoint as the runner hands it out: raw weights and layouts. */
async function draft(): Promise<CheckpointDraft> {
  const state = [...(await run.model.stateDict())].map(([name, array]): [string, HostArray] => [
    `model/${name}`,
    array,
  ]);
  return {
    meta: {} as never,
    tensors: new Map(state),
    sections: new Map([['layouts', { 'model/conv.weight': 'oihw' }]]),
  };
}

const loaded = ({ tensors }: CheckpointDraft): LoadedCheckpoint =>
  ({ path: '/run/epoch_1.safetensors', config: {}, tensors, sections: new Map(), meta: {} }) as never;

async function saved(hook: EMAHook): Promise<CheckpointDraft> {
  const checkpoint = await draft();
  await hook.beforeSaveCheckpoint(run, { checkpoint });
  return checkpoint;
}

describe('EMAHook', () => {
  it('evaluates with the averages, and gives the weights back whatever happens', async () => {
    const hook = start({ momentum: 0.1 });
    train(hook, 3);
    const raw = await run.model.stateDict();
    hook.beforeValEpoch();
    expect(await run.model.stateDict()).not.toEqual(raw);
    hook.afterValEpoch();
    expect(await run.model.stateDict()).toEqual(raw);
    for (const leave of ['afterVal', 'afterTest', 'afterRun', 'afterTestEpoch'] as const) {
      hook.beforeTestEpoch();
      hook[leave]();
      hook[leave]();
      expect(await run.model.stateDict(), leave).toEqual(raw);
    }
  });

  it('saves the averages as the model’s weights, and those as ema/...', async () => {
    const hook = start({ momentum: 0.1 });
    train(hook, 3);
    const raw = await run.model.stateDict();
    const { tensors, sections } = await saved(hook);
    expect([...tensors.keys()].sort()).toEqual([
      'ema/fc.bias',
      'ema/fc.weight',
      'ema/steps',
      'model/fc.bias',
      'model/fc.weight',
    ]);
    expect(tensors.get('ema/fc.weight')).toEqual(raw.get('fc.weight'));
    expect(tensors.get('model/fc.weight')).toEqual((await hook.averagedModel.stateDict()).get('module.fc.weight'));
    expect(tensors.get('ema/steps')?.data).toEqual(BigInt64Array.of(3n));
    expect(sections.get('layouts')).toEqual({ 'model/conv.weight': 'oihw', 'ema/conv.weight': 'oihw' });
  });

  it('puts both back when a run is resumed', async () => {
    const hook = start({ momentum: 0.1 });
    train(hook, 3);
    const [checkpoint, averages, raw] = [
      await saved(hook),
      await hook.averagedModel.stateDict(),
      await run.model.stateDict(),
    ];
    const other = start({ momentum: 0.1, strictLoad: true });
    const resumed = Object.assign(Object.create(run), { resumed: true });
    other.afterLoadCheckpoint(resumed, { checkpoint: loaded(checkpoint) });
    other.beforeTrain(resumed);
    expect(await other.averagedModel.stateDict()).toEqual(averages);
    expect(checkpoint.tensors).toEqual(new Map([...raw].map(([name, array]) => [`model/${name}`, array])));
  });

  it('starts anew from a checkpoint that is only loaded, and says so when a resumed one has no averages', async () => {
    const hook = start({ momentum: 0.1 });
    train(hook, 3);
    const checkpoint = await saved(hook);
    const averaged = checkpoint.tensors.get('model/fc.weight');
    hook.afterLoadCheckpoint(run, { checkpoint: loaded(checkpoint) });
    expect(hook.ownedTensors).toBe(0);
    expect([...checkpoint.tensors]).toEqual([
      ['model/fc.weight', averaged],
      ['model/fc.bias', expect.anything()],
    ]);
    const resumed = Object.assign(Object.create(run), { resumed: true });
    hook.afterLoadCheckpoint(resumed, { checkpoint: loaded(await draft()) });
    expect(run.logged).toEqual([expect.stringMatching(/^WARNING \/run\/epoch_1\.safetensors has no averages/)]);
  });

  it('refuses averages of other names on resume when it is strict', async () => {
    const checkpoint = await draft();
    checkpoint.tensors.set('ema/steps', hostArray('int64', [], BigInt64Array.of(1n)));
    const resumed = Object.assign(Object.create(run), { resumed: true });
    const hook = start({ strictLoad: true });
    hook.afterLoadCheckpoint(resumed, { checkpoint: loaded(checkpoint) });
    expect(() => hook.beforeTrain(resumed)).toThrow(expect.objectContaining({ code: 'ENGINE_MODEL_STATE_MISMATCH' }));
  });

  it('touches no weight of the model before that has loaded its own', async () => {
    const hook = start({ momentum: 0.1 });
    train(hook, 3);
    const averages = await hook.averagedModel.stateDict();
    const checkpoint = await saved(hook);
    const model = new TinyModel(); // its weights are not there before somebody asks for them
    const fresh = makeTestRun({ model });
    fresh.resumed = true;
    const list = new HookList();
    const other = new EMAHook({ momentum: 0.1 });
    hooks.push(other);
    list.register(other);
    await list.call('beforeRun', fresh);
    const before = tf.memory().numTensors;
    await list.call('afterLoadCheckpoint', fresh, { checkpoint: loaded(checkpoint) });
    expect(tf.memory().numTensors).toBe(before);
    model.loadStateDict(await run.model.stateDict());
    for (const { value } of model.namedParameters().values()) expect(value.isDisposed).toBe(false);
    await list.call('beforeTrain', fresh);
    expect(await other.averagedModel.stateDict()).toEqual(averages);
    expect(list.leaks.size).toBe(0);
    await fresh.close();
  });

  it.each(['afterTrainIter', 'beforeValEpoch'] as const)(
    'has its averages by %s in a loop that has no beforeTrain',
    async (point) => {
      const hook = start({ momentum: 0.1 });
      train(hook, 3);
      const checkpoint = await saved(hook);
      const other = new EMAHook({ momentum: 0.1 });
      hooks.push(other);
      other.beforeRun(run);
      run.resumed = true;
      other.afterLoadCheckpoint(run, { checkpoint: loaded(checkpoint) });
      other[point](run);
      expect(other.averagedModel.steps).toBe(point === 'afterTrainIter' ? 4 : 3);
      expect(other.ownedTensors).toBe(2);
      other.afterRun();
    },
  );

  it.each([
    [{ beginIter: 5 }, 4, 0],
    [{ beginIter: 5 }, 6, 2],
    [{ beginEpoch: 2 }, 4, 0],
    [{ beginEpoch: 2 }, 7, 3],
    [{}, 3, 3],
  ])(
    'with %j has averaged after %d iterations %d times, and follows the weights before',
    async (options, iterations, steps) => {
      const hook = start(options);
      hook.beforeValEpoch(); // makes nothing yet
      hook.afterValEpoch();
      train(hook, iterations);
      expect(hook.averagedModel.steps).toBe(steps);
      if (steps <= 1) {
        const { tensors } = await saved(hook);
        expect(tensors.get('model/fc.weight')).toEqual(tensors.get('ema/fc.weight'));
      }
    },
  );

  it('takes any average: by class, by name, by config', () => {
    const options = { emaType: { type: MomentumAnnealingEMA, gamma: 7 }, momentum: 0.5 } as const;
    expect(new EMAHook(options).averagedModel).toMatchObject({ gamma: 7, momentum: 0.5 });
    expect(new EMAHook({ emaType: StochasticWeightAverage, interval: 3 }).averagedModel).toMatchObject({ interval: 3 });
    const registry = new Registry();
    registry.registerExports({ EMAHook, StochasticWeightAverage });
    const config = { type: 'EMAHook', ema_type: 'StochasticWeightAverage', update_buffers: true } as const;
    expect((registry.build('hook', config as never) as EMAHook).averagedModel.updateBuffers).toBe(true);
  });
});

describe('misuse', () => {
  it('is refused with ENGINE_HOOKS_BAD_EMA_BEGIN', () => {
    const code = expect.objectContaining({ code: 'ENGINE_HOOKS_BAD_EMA_BEGIN' });
    expect(() => new EMAHook({ beginIter: 1, beginEpoch: 1 })).toThrow(code);
    expect(() => start({ beginEpoch: 3 })).toThrow(code);
    expect(() => start({ beginIter: 9 })).toThrow(code);
  });

  it('is refused with ENGINE_HOOKS_TWO_EMA_HOOKS', async () => {
    const checkpoint = await draft();
    await start().beforeSaveCheckpoint(run, { checkpoint });
    await expect(start().beforeSaveCheckpoint(run, { checkpoint })).rejects.toMatchObject({
      code: 'ENGINE_HOOKS_TWO_EMA_HOOKS',
    });
  });

  it.each([
    [{ momentum: 0 }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    [{ beginIter: -1 }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    [{ interval: 0 }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    [{ gamma: 3 }, 'ENGINE_REGISTRY_UNKNOWN_OPTION'],
    [{ emaType: 'NoSuchAverage' as 'StochasticWeightAverage' }, 'ENGINE_REGISTRY_UNKNOWN_NAME'],
  ])('%j is refused where it stands', (options, code) => {
    expect(() => new EMAHook(options)).toThrow(expect.objectContaining({ code }));
  });

  it('of the averages outside a run is refused', () => {
    expect(() => new EMAHook().averagedModel.updateParameters()).toThrow(
      expect.objectContaining({ code: 'ENGINE_HOOKS_FAILED' }),
    );
  });
});
