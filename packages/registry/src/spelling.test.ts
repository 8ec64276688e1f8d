import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { respell, toCamelCase } from './spelling.js';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);

describe('toCamelCase', () => {
  it.each([
    ['weight_decay', 'weightDecay'],
    ['T_max', 'tMax'],
    ['by_epoch', 'byEpoch'],
    ['lr', 'lr'],
    ['alreadyCamel', 'alreadyCamel'],
    ['_private_name', '_private_name'],
    ['trailing_', 'trailing_'],
    ['CheckpointHook', 'CheckpointHook'],
  ])('%s → %s', (written, camel) => {
    expect(toCamelCase(written)).toBe(camel);
  });

  it('undoes snake_case, and leaves its own results alone', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), ([first = '', ...rest]) => {
        const camel = first + rest.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
        expect(toCamelCase([first, ...rest].join('_'))).toBe(camel);
        expect(toCamelCase(camel)).toBe(camel);
      }),
    );
  });
});

describe('respell', () => {
  const schema = {
    properties: {
      clipGrad: { anyOf: [{ type: 'null' }, { properties: { maxNorm: {} } }] },
      customKeys: { additionalProperties: { properties: { lrMult: {} } } },
      pair: { prefixItems: [{ properties: { firstKey: {} } }, {}] },
      opaque: {},
    },
  };

  it('renames declared keys at every depth and nothing in free maps', () => {
    const value = {
      clip_grad: { max_norm: 1 },
      custom_keys: { back_bone: { lr_mult: 2 } },
      pair: [{ first_key: 1 }, { second_key: 2 }],
      opaque: { any_thing: 1 },
      my_own: 1,
    };
    const result = respell(schema, value, '');
    expect(result.value).toEqual({
      clipGrad: { maxNorm: 1 },
      customKeys: { back_bone: { lrMult: 2 } },
      pair: [{ firstKey: 1 }, { second_key: 2 }],
      opaque: { any_thing: 1 },
      my_own: 1,
    });
    expect(result.written.get('clipGrad.maxNorm')).toBe('clip_grad.max_norm');
    expect(result.written.get('customKeys.back_bone.lrMult')).toBe('custom_keys.back_bone.lr_mult');
    expect(result.written.has('opaque')).toBe(false);
  });

  it('keeps the identity of what it does not change, and does not take keys for properties of Object', () => {
    const inner = { any_thing: 1 };
    const value = { opaque: inner, constructor: 1, ['__proto__x']: 2 };
    expect(respell(schema, value, '').value).toBe(value);
    expect((respell(schema, { ...value, clip_grad: null }, '').value as { opaque: unknown }).opaque).toBe(inner);
  });

  it('is the same on its own result, whatever the data', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 3 }), (value) => {
        const once = respell(schema, value, '').value;
        expect(respell(schema, once, '').value).toEqual(once);
        if (Object.keys(value).every((key) => !key.includes('_'))) expect(once).toEqual(value);
      }),
    );
  });

  it('throws ENGINE_REGISTRY_BOTH_SPELLINGS with the path of the second one', () => {
    const both = { clipGrad: { maxNorm: 1, max_norm: 2 } };
    expect(() => respell(schema, both, 'optimWrapper')).toThrow(
      'ENGINE_REGISTRY_BOTH_SPELLINGS  optimWrapper.clipGrad.max_norm',
    );
    expect(() => respell(schema, { max__norm: 1, clip_grad: 1, clip__grad: 2 }, '')).toThrow(
      'both clipGrad and clip__grad',
    );
  });
});
