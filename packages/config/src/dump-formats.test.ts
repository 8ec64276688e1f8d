import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Config } from './config.js';

const data = { model: { type: 'Net', depth: 18, 'a-b': [1, 2.5] }, name: "it's", empty: {}, none: [] };

describe('Config.toTypeScript', () => {
  it('writes a config that a person would', () => {
    expect(
      Config.fromData({ ...data, far: -Infinity, slot: null }).toTypeScript(),
    ).toBe(`import { defineConfig } from '@engine/standard';

export default defineConfig({
  model: { type: 'Net', depth: 18, 'a-b': [1, 2.5] },
  name: "it's",
  empty: {},
  none: [],
  far: -Infinity,
  slot: null,
});
`);
  });

  it('breaks what is too long for a line', () => {
    const text = Config.fromData({ classes: Array.from({ length: 30 }, (_, i) => `class ${i}`) }).toTypeScript();
    expect(text).toContain("  classes: [\n    'class 0',\n");
  });

  it('reads back to the same values', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const code = Config.fromData(value).toTypeScript().split('\n').slice(2).join('\n');
        const literal = code.replace('export default defineConfig(', '(').replace(/;\n$/, '');
        expect(JSON.stringify(runInNewContext(literal))).toBe(JSON.stringify(value));
      }),
    );
  });
});

describe('Config.toToml', () => {
  it('reads back to the same values', async () => {
    const text = await Config.fromData(data).toToml();
    expect((await Config.fromString(text, '.toml')).data).toEqual(data);
  });

  it('refuses null, and says where', async () => {
    await expect(Config.fromData({ a: [{ b: null }] }).toToml()).rejects.toMatchObject({
      code: 'ENGINE_CONFIG_NOT_IN_TOML',
      subject: 'a.0.b',
    });
  });
});
