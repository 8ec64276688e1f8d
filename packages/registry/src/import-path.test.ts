import { defineEntry, type Entry } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { readImportPath, resolveImportPath } from './import-path.js';
import { Registry } from './registry.js';

declare module '@engine/core' {
  interface Kinds {
    imported: string;
  }
}

const part = (name: string, made: string): Entry =>
  defineEntry('imported', { name, options: z.strictObject({}), create: () => made, doc: 'A part.' });

/** A root as `createRegistry` makes it, and a port of mmdet below it. */
function tree(): { readonly root: Registry; readonly det: Registry } {
  const root = new Registry({ aliases: ['mmengine'], resolve: resolveImportPath });
  root.register(part('SGD', 'ours'));
  root.register(part('Shared', 'ours'));
  const det = new Registry({ scope: 'mmdet', parent: root });
  det.register(part('RetinaNet', 'det'));
  det.register(part('Shared', 'det'));
  return { root, det };
}

describe('import paths of Python classes', () => {
  it.each([
    ['torch.optim.SGD', 'ours'],
    ['torch.optim.sgd.SGD', 'ours'],
    ['mmengine.SGD', 'ours'],
    ['mmengine.optim.SGD', 'ours'],
    ['mmcv.SGD', 'ours'],
    ['mmcv.transforms.loading.Shared', 'ours'],
    ['engine.optim.SGD', 'ours'],
    ['mmdet.models.detectors.RetinaNet', 'det'],
    ['mmdet.models.Shared', 'det'],
  ])('%s is found from the root and from below', (type, made) => {
    const { root, det } = tree();
    expect(root.build('imported', { type })).toBe(made);
    expect(det.build('imported', { type })).toBe(made);
    expect(root.build('imported', { type }, { scope: 'mmdet' })).toBe(made);
  });

  it.each(['mmdet.models.SGD', 'mmseg.models.Shared', 'their.nets.Shared', '.SGD', 'SGD.', 'torch..SGD', 'torch'])(
    '%s names nothing here',
    (type) => {
      expect(tree().root.has('imported', type)).toBe(false);
    },
  );

  it('are explained by the name that was meant', () => {
    const { root } = tree();
    expect(() => root.build('imported', { type: 'torch.optim.SDG' })).toThrow(
      /one of the imported entries in the scope engine: .*SGD[\s\S]*write SGD,/,
    );
    expect(() => root.build('imported', { type: 'mmseg.models.EncoderDecoder' })).toThrow(
      /no registry of the scope mmseg[\s\S]*entries of mmseg, which itself is Python, in customImports/,
    );
  });

  it('are read whatever they are', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const path = readImportPath(text);
        expect(path === undefined || (path.name !== '' && text.endsWith(`.${path.name}`))).toBe(true);
        tree().root.get('imported', text);
      }),
    );
  });
});
