import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultHookConfigs, defaultHookKeys, defaultHooks } from './default-hooks.js';
import { DistSamplerSeedHook } from './dist-sampler-seed-hook.js';
import type { Hook } from './hook.js';
import { HookList } from './hook-list.js';
import { makeTestRun } from './testing/index.js';

beforeAll(() => cpu().init());

const names = (hooks: readonly Hook[]): string[] => hooks.map(({ name }) => name);

describe('defaultHooks', () => {
  it('are the six of MMEngine, called in its order', () => {
    const list = new HookList();
    for (const hook of defaultHooks()) list.register(hook);
    expect(names(list.hooks)).toEqual([
      'RuntimeInfoHook',
      'IterTimerHook',
      'DistSamplerSeedHook',
      'LoggerHook',
      'ParamSchedulerHook',
      'CheckpointHook',
    ]);
  });

  it('can be replaced in place, taken out and added to', () => {
    const mine: Hook = { name: 'Mine' };
    expect(names(defaultHooks({ timer: null, logger: mine, extra: { name: 'Extra' }, checkpoint: undefined }))).toEqual(
      ['RuntimeInfoHook', 'DistSamplerSeedHook', 'Mine', 'ParamSchedulerHook', 'CheckpointHook', 'Extra'],
    );
  });

  it('refuse null under an unknown key', () => {
    expect(() => defaultHooks({ tiemr: null })).toThrow('ENGINE_HOOKS_UNKNOWN_DEFAULT');
  });

  it('have a type for every key', () => {
    expect(Object.keys(defaultHookConfigs)).toEqual(defaultHookKeys);
    expect(Object.values(defaultHookConfigs).map(({ type }) => type.entry.name)).toEqual(names(defaultHooks()));
  });
});

describe('DistSamplerSeedHook', () => {
  it('moves the loader to the epoch', async () => {
    const run = makeTestRun();
    run.epoch = 1;
    new DistSamplerSeedHook().beforeTrainEpoch(run);
    expect(run.trainLoop.dataloader.epoch).toBe(1);
    await run.close();
  });
});
