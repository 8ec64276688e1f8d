import { describe, expect, it } from 'vitest';
import { defineConfig, extendConfig } from './extend.js';
import { pick } from './pick.js';

const base = defineConfig(
  { workDir: 'runs', randomness: { seed: 3 } },
  { sizes: [1, { deep: 2 }], data_root: 'data/' },
);

describe('pick', () => {
  it('gives the value at a path, through lists too, the same object', () => {
    expect(pick(base, 'randomness.seed')).toBe(3);
    expect(pick(base, 'sizes.1.deep')).toBe(2);
    expect(pick(base, 'sizes')).toBe(base.sizes);
  });

  it.each([
    ['randomness.sede', 'randomness with seed'],
    ['sizes.2', 'sizes with 0, 1'],
    ['workDir.length', 'workDir with runs'],
    ['toString', 'the config with workDir, randomness, sizes, data_root'],
  ])('refuses %s: ENGINE_CONFIG_NO_SUCH_VALUE', (path, received) => {
    expect(() => pick(base, path)).toThrow(new RegExp(`ENGINE_CONFIG_NO_SUCH_VALUE  ${path}[\\s\\S]*${received}`));
  });
});

describe('variables of one’s own', () => {
  it('stand beside the sections, and those of bases are inherited', () => {
    expect(base).toEqual({ workDir: 'runs', randomness: { seed: 3 }, sizes: [1, { deep: 2 }], data_root: 'data/' });
    const child = extendConfig([base], { workDir: 'other' }, { data_root: `${base.data_root}mine/`, extra: { a: 1 } });
    expect(child).toEqual({ ...base, workDir: 'other', data_root: 'data/mine/', extra: { a: 1 } });
    expect(extendConfig([child], {}, { extra: { b: 2 } }).extra).toEqual({ a: 1, b: 2 });
  });
});
