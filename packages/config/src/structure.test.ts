import { defineEntry } from '@engine/core';
import { Registry } from '@engine/registry';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Declarations, engineKeys } from './structure.js';
import { type MapNode, toNode } from './tree.js';

declare module '@engine/core' {
  interface Kinds {
    gear: object;
  }
}

const map = (data: object) => toNode(data, {}) as MapNode;
const registry = new Registry();
for (const [name, options] of [
  ['DataLoader', z.strictObject({ batchSize: z.int(), dataset: z.unknown() })],
  ['Crop', z.strictObject({ padMode: z.string(), sizes: z.array(z.number()) })],
] as const) {
  registry.register(defineEntry('gear', { name, options, create: () => ({}) }));
}

const loopKeys = { by_epoch: false, max_iters: 1, max_epochs: 1, val_begin: 1 };

describe('Declarations', () => {
  it('know the keys of a run without any registry', () => {
    const top = Declarations.of(undefined);
    const node = map({ train_dataloader: {}, workDir: 'x', my_var: 1 });
    expect(['trainDataloader', 'work_dir', 'myVar', 'loadFrom', 'my_var'].map((key) => top.sameKey(node, key))).toEqual(
      ['train_dataloader', 'workDir', 'myVar', 'loadFrom', 'my_var'],
    );
    expect(engineKeys).toContain('trainDataloader');
  });

  it('know the sections that have no type of their own', () => {
    const node = map({ auto_scale_lr: { base_batch_size: 1 } });
    const section = Declarations.of(undefined).below(node, 'auto_scale_lr');
    expect(section.sameKey(map({ base_batch_size: 1 }), 'baseBatchSize')).toBe('base_batch_size');
    expect(section.sameKey(map({ own_key: 1 }), 'ownKey')).toBe('ownKey');
  });

  it('take the entry that stands for a missing type', () => {
    const node = map({ train_dataloader: { batch_size: 1 } });
    const loader = (known?: Registry) =>
      Declarations.of(known)
        .below(node, 'train_dataloader')
        .sameKey(map({ batch_size: 1 }), 'batchSize');
    expect([loader(), loader(registry)]).toEqual(['batchSize', 'batch_size']);
  });

  it('take every entry that may stand for a missing type', () => {
    const loops = new Registry();
    for (const [name, key] of [
      ['EpochBasedTrainLoop', 'maxEpochs'],
      ['IterBasedTrainLoop', 'maxIters'],
    ] as const)
      loops.register(defineEntry('gear', { name, options: z.strictObject({ [key]: z.int() }), create: () => ({}) }));
    const node = map({ train_cfg: { by_epoch: false, max_iters: 1, max_epochs: 1 } });
    const section = Declarations.of(loops).below(node, 'train_cfg');
    expect(['byEpoch', 'maxIters', 'maxEpochs', 'valBegin'].map((key) => section.sameKey(map(loopKeys), key))).toEqual([
      'by_epoch',
      'max_iters',
      'max_epochs',
      'valBegin',
    ]);
  });

  it('follow a type by its name, in lists too, but not into what an entry leaves open', () => {
    const transform = map({ type: 'Crop', pad_mode: 'x' });
    const list = Declarations.of(registry).below(map({ dataset: [] }), 'dataset').item;
    expect(list.sameKey(transform, 'padMode')).toBe('pad_mode');
    expect(list.sameKey(map({ type: 'Unknown', pad_mode: 'x' }), 'padMode')).toBe('padMode');
    expect(list.below(transform, 'sizes').sameKey(map({ pad_mode: 1 }), 'padMode')).toBe('padMode');
  });
});
