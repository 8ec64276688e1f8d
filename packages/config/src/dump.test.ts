import { defineEntry } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Config } from './config.js';

declare module '@engine/core' {
  interface Kinds {
    pin: object;
  }
}

const Pin = defineEntry('pin', { name: 'Pin', options: z.strictObject({}), create: () => ({}) });
class Net {
  static readonly entry = defineEntry('pin', { name: 'Net', options: z.strictObject({}), create: () => ({}) });
}
class Classifier {}

const data = {
  b: { type: Pin, lr: 1e-5 },
  a: [{ type: Net }, 1],
  model: new Classifier(),
  collate: () => 1,
  none: null,
  far: Infinity,
  empty: {},
};

describe('dumping', () => {
  it('writes JSON as people do, things by name', () => {
    expect(Config.fromData(data).toJson()).toBe(`{
  "b": {
    "type": "Pin",
    "lr": 0.00001
  },
  "a": [
    {
      "type": "Net"
    },
    1
  ],
  "model": "<a Classifier>",
  "collate": "<the function collate>",
  "none": null,
  "far": 1e999,
  "empty": {}
}
`);
  });

  it('writes the same canonical text for the same content, in whatever order', () => {
    expect(Config.fromData({ b: [1, { d: 1, c: 2 }], a: 'x' }).toJson({ canonical: true })).toBe(
      '{"a":"x","b":[1,{"c":2,"d":1}]}',
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(Config.fromData(reversed).toJson({ canonical: true })).toBe(
          Config.fromData(value).toJson({ canonical: true }),
        );
      }),
    );
  });

  it('does not take a key called << for a merge', async () => {
    const text = await Config.fromData({ a: { '<<': 0 } }).toYaml();
    expect((await Config.fromString(text, '.yaml')).data).toEqual({ a: { '<<': 0 } });
  });

  const writers = { '.json': (config: Config) => config.toJson(), '.yaml': (config: Config) => config.toYaml() };
  it.each(['.json', '.yaml'] as const)('reads its own %s back', async (format) => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[a-z]\w{0,4}$/), fc.jsonValue({ maxDepth: 3 })),
        async (value) => {
          const config = Config.fromData(value);
          const text = await writers[format](config);
          expect((await Config.fromString(text, format)).data).toEqual(value); // -0 included
        },
      ),
    );
    const far = Config.fromData({ far: -Infinity, near: 0.1 });
    expect((await Config.fromString(await writers[format](far), format)).data).toEqual({
      far: -Infinity,
      near: 0.1,
    });
  });
});
