import { defineEntry } from '@engine/core';
import { canonicalSettings as dataset } from '@engine/dataset/testing';
import { canonicalSettings as evaluator } from '@engine/evaluator/testing';
import { canonicalSettings as fileio } from '@engine/fileio/testing';
import { canonicalSettings as hooks } from '@engine/hooks/testing';
import { canonicalSettings as logging } from '@engine/logging/testing';
import { canonicalSettings as model } from '@engine/model/testing';
import { canonicalSettings as optim } from '@engine/optim/testing';
import { Registry } from '@engine/registry';
import { canonicalSettings as runner } from '@engine/runner/testing';
import { canonicalSettings as scheduler } from '@engine/scheduler/testing';
import { canonicalSettings as vision } from '@engine/vision/testing';
import { canonicalSettings as visualization } from '@engine/visualization/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { createRegistry } from './registry.js';

const settings = {
  ...dataset,
  ...evaluator,
  ...fileio,
  ...hooks,
  ...logging,
  ...model,
  ...optim,
  ...runner,
  ...scheduler,
  ...vision,
  ...visualization,
};

describe('createRegistry', () => {
  it('knows the entries of every first-party package', () => {
    const registry = createRegistry();
    for (const [kind, name] of [
      ['backend', 'wasm'],
      ['model', 'LeNet5'],
      ['dataset', 'MNIST'],
      ['optimizer', 'SGD'],
      ['optimizer', 'AdamW'],
      ['paramScheduler', 'CosineAnnealingLR'],
      ['hook', 'CheckpointHook'],
      ['metric', 'Accuracy'],
      ['loop', 'EpochBasedTrainLoop'],
      ['visBackend', 'LocalVisBackend'],
      ['dataSampler', 'DefaultSampler'],
    ] as const) {
      expect(registry.has(kind, name), `${kind}/${name}`).toBe(true);
    }
  });

  it('knows what configs of OpenMMLab call its entries', () => {
    const registry = createRegistry();
    for (const [kind, name, path] of [
      ['optimizer', 'SGD', 'torch.optim.SGD'],
      ['optimizer', 'AdamW', 'torch.optim.adamw.AdamW'],
      ['optimWrapper', 'OptimWrapper', 'mmengine.optim.OptimWrapper'],
      ['hook', 'CheckpointHook', 'mmengine.hooks.CheckpointHook'],
      ['dataSampler', 'DefaultSampler', 'mmengine.dataset.DefaultSampler'],
      ['loop', 'EpochBasedTrainLoop', 'mmengine.runner.loops.EpochBasedTrainLoop'],
      ['paramScheduler', 'LinearLR', 'mmengine.LinearLR'],
    ] as const) {
      expect(registry.get(kind, path), path).toBe(registry.get(kind, name));
      expect(registry.has(kind, path), path).toBe(true);
    }
    expect(registry.inScope('mmengine')).toBe(registry);
    expect(registry.has('model', 'mmdet.models.LeNet5'), 'mmdet has models of its own').toBe(false);
  });

  it('gives each caller a registry of its own', () => {
    const [mine, yours] = [createRegistry(), createRegistry()];
    const Own = defineEntry('hook', {
      name: 'OwnHook',
      options: z.strictObject({}),
      create: () => ({ name: 'OwnHook' }),
      doc: 'Mine.',
    });
    mine.register(Own);
    expect(mine.has('hook', 'OwnHook')).toBe(true);
    expect(yours.has('hook', 'OwnHook')).toBe(false);
  });

  it('documents every entry, and says where another process finds it', () => {
    const incomplete = createRegistry()
      .list()
      .filter(({ doc, module }) => doc === '' || module === undefined);
    expect(incomplete.map(({ kind, name }) => `${kind}/${name}`)).toEqual([]);
  });

  it('has canonical settings for every entry, and for nothing else', () => {
    const entries = createRegistry()
      .list()
      .filter(({ kind }) => kind !== 'backend') // backends stand below the registry; their kit is describeBackend
      .map(({ kind, name }) => `${kind}/${name}`);
    expect(Object.keys(settings).sort()).toEqual(entries.sort());
  });

  it('is known to registries that lack its entries: the error names the package', () => {
    const bare = new Registry();
    for (const { kind, name, module } of createRegistry().list()) {
      const build = (): unknown => bare.build(kind, { type: name }, { args: undefined } as never);
      expect(build, `${kind}/${name}`).toThrow(`'${module}'`);
    }
  });
});
