import { defineEntry } from '@engine/core';
import { Registry } from '@engine/registry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Config } from './config.js';
import { extendConfig } from './extend.js';

declare module '@engine/core' {
  interface Kinds {
    wheel: object;
    carriage: object;
  }
}

const optimizer = defineEntry('wheel', {
  name: 'Spoke',
  options: z.strictObject({
    weightDecay: z.optional(z.number()),
    customKeys: z.optional(z.record(z.string(), z.unknown())),
  }),
  create: () => ({}),
});
const wrapper = defineEntry('carriage', {
  name: 'OptimWrapper',
  options: z.strictObject({ clipGrad: z.optional(z.strictObject({ maxNorm: z.number() })), optimizer: z.unknown() }),
  create: () => ({}),
});

const over = (base: object, child: Record<string, unknown>, registry?: Registry) =>
  Config.fromData(base).mergeFromDict(child, { registry }).data;

describe('merging', () => {
  it('merges objects, replaces everything else, keeps the order of the base', () => {
    const merged = over(
      { b: { x: 1, y: 2 }, a: [1, 2], c: { z: 1 }, d: null },
      { c: 5, a: [3], b: { y: null, w: 0 }, e: {} },
    );
    expect(merged).toEqual({ b: { x: 1, y: null, w: 0 }, a: [3], c: 5, d: null, e: {} });
    expect(Object.keys(merged)).toEqual(['b', 'a', 'c', 'd', 'e']);
  });

  it('replaces an object that says _delete_, and drops markers with nothing to delete', () => {
    expect(over({ a: { x: { p: 1 }, y: 2 } }, { a: { x: { _delete_: true, q: 1 } } })).toEqual({
      a: { x: { q: 1 }, y: 2 },
    });
    expect(over({ a: 1 }, { a: { _delete_: true, q: { _delete_: true, r: 1 } }, n: { _delete_: true, s: 1 } })).toEqual(
      { a: { q: { r: 1 } }, n: { s: 1 } },
    );
    expect(over({ a: { x: 1 } }, { a: { _delete_: false, y: 1 } })).toEqual({ a: { x: 1, y: 1 } });
  });

  it.each([
    [{ a: true }, { a: { x: 1 } }, 'a', 'a = true'],
    [{ a: { b: [1] } }, { a: { b: { x: 1 } } }, 'a.b.x', 'index from 0 to 0'],
    [{ a: null }, { 'a.b': 1 }, 'a', 'a = null'],
  ])('%j under %j does not fit', (base, child, subject, mention) => {
    expect(() => over(base, child)).toThrow(subject);
    expect(() => over(base, child)).toThrow(mention);
    expect(() => over(base, child)).toThrow(/ENGINE_CONFIG_(MERGE_TYPE|BAD_INDEX)/);
  });

  it('addresses list elements, replaces scalars, and refuses indices that do not exist', () => {
    expect(over({ a: [{ x: 1 }, [1, 2]] }, { 'a.0.y': 2, 'a.1.0': 5 })).toEqual({ a: [{ x: 1, y: 2 }, [5, 2]] });
    expect(() => over({ a: [1] }, { 'a.1': 2 })).toThrow('ENGINE_CONFIG_BAD_INDEX  a.1');
    expect(() => over({ a: [] }, { 'a.0': 2 })).toThrow('a is empty');
    expect(() => over({ a: [1] }, { 'a.-1': 2 })).toThrow('ENGINE_CONFIG_BAD_INDEX');
    expect(over({ a: { 0: 'x' } }, { 'a.0': 'y' })).toEqual({ a: { 0: 'y' } });
  });

  it('lets later options win, but not contradict', () => {
    expect(over({}, { 'a.b': 2, a: 1 })).toEqual({ a: 1 });
    expect(() => over({}, { a: 1, 'a.b': 2 })).toThrow('ENGINE_CONFIG_MERGE_TYPE  a.b');
  });

  it('changes neither side, and merging nothing or the same gives the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.object({ key: fc.stringMatching(/^[a-z]{1,3}$/), maxDepth: 3, withNullPrototype: false }),
        async (data) => {
          const clone = structuredClone(data);
          const config = Config.fromData(data);
          expect(config.mergeFromDict({}).data).toEqual(config.data);
          expect(config.mergeFromDict(data).data).toEqual(config.data);
          expect(data).toEqual(clone);
          expect((await Config.fromString(config.toJson(), '.json')).toJson()).toBe(config.toJson());
        },
      ),
    );
  });
});

describe('spelling across files', () => {
  const registry = new Registry();
  registry.register(optimizer);
  registry.register(wrapper);

  it('keeps the spelling of the base for top-level keys', () => {
    expect(over({ optim_wrapper: { x: 1 }, my_var: 1 }, { optimWrapper: { y: 2 }, myVar: 2 })).toEqual({
      optim_wrapper: { x: 1, y: 2 },
      my_var: 1,
      myVar: 2,
    });
    expect(
      over({ randomness: { seed: 1 }, default_hooks: { sampler_seed: { a: 1 } } }, { 'defaultHooks.samplerSeed.b': 2 }),
    ).toEqual({
      randomness: { seed: 1 },
      default_hooks: { sampler_seed: { a: 1, b: 2 } },
    });
  });

  it('keeps it for the options of registered things, and never touches free maps', () => {
    const base = {
      optimWrapper: {
        clip_grad: { max_norm: 1 },
        optimizer: { type: 'Spoke', weightDecay: 1, customKeys: { back_bone: { a: 1 } } },
      },
    };
    const child = {
      'optim_wrapper.clipGrad.maxNorm': 2,
      'optim_wrapper.optimizer.weight_decay': 3,
      'optim_wrapper.optimizer.custom_keys.backBone': 4,
    };
    expect(over(base, child, registry)).toEqual({
      optimWrapper: {
        clip_grad: { max_norm: 2 },
        optimizer: { type: 'Spoke', weightDecay: 3, customKeys: { back_bone: { a: 1 }, backBone: 4 } },
      },
    });
    expect(over(base, { 'optimWrapper.optimizer.weight_decay': 3 })).toHaveProperty(
      'optimWrapper.optimizer.weight_decay',
      3,
    );
  });

  it('keeps it for what every config of a kind may say', () => {
    const base = { optim_wrapper: { paramwise_cfg: { bias: 1 }, constructor: 'A' } };
    const child = { optimWrapper: { paramwiseCfg: { norm: 2 }, constructor: 'B' } };
    expect(over(base, child)).toEqual({
      optim_wrapper: { paramwise_cfg: { bias: 1, norm: 2 }, constructor: 'B' },
    });
  });

  it('knows the options of an entry that stands in the config itself', () => {
    expect(over({ it: { type: optimizer, weightDecay: 1 } }, { 'it.weight_decay': 2 })).toEqual({
      it: { type: optimizer, weightDecay: 2 },
    });
  });
});

describe('extendConfig', () => {
  class Net {
    type?: never;
  }
  it('lays a config over its bases and keeps built objects and untouched parts as they are', () => {
    const model = new Net();
    const randomness = { seed: 1 };
    const config = extendConfig([{ workDir: 'a', autoScaleLr: { baseBatchSize: 64 } }, { randomness }], {
      autoScaleLr: { enable: true },
      model: model as never,
    });
    expect(config).toEqual({
      workDir: 'a',
      autoScaleLr: { baseBatchSize: 64, enable: true },
      randomness: { seed: 1 },
      model,
    });
    expect(config.model).toBe(model);
    expect(config.randomness).toBe(randomness);
    expect(Config.fromData(config).data.model).toBe(model);
  });

  it('refuses bases that share a key, in whatever spelling', () => {
    const snake = { work_dir: 'b' } as object;
    expect(() => extendConfig([{ workDir: 'a' }, { workDir: 'b' }], {})).toThrow(
      'ENGINE_CONFIG_DUPLICATE_KEY  workDir',
    );
    expect(() => extendConfig([{ workDir: 'a' }, snake], {})).toThrow('ENGINE_CONFIG_DUPLICATE_KEY  work_dir');
  });
});
