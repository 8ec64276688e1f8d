import { defineEntry } from '@engine/core';
import { Registry } from '@engine/registry';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Config } from './config.js';
import { customImportsOf, importCustom } from './custom-imports.js';

declare module '@engine/core' {
  interface Kinds {
    gadget: object;
  }
}

const Gadget = defineEntry('gadget', { name: 'Gadget', options: z.strictObject({}), create: () => ({}) });

describe('importCustom', () => {
  const importModule = (specifier: string) =>
    specifier === 'gadgets' ? Promise.resolve({ Gadget, other: 1 }) : Promise.reject(new Error('no such module\nat x'));

  it.each([
    [{ customImports: ['gadgets'] }],
    [{ customImports: 'gadgets' }],
    [{ custom_imports: { imports: ['gadgets'], allow_failed_imports: false } }],
    [{ customImports: { imports: 'gadgets' } }],
  ])('registers what the modules of %j export', async (data) => {
    const registry = new Registry();
    const config = Config.fromData(data);
    expect(await importCustom(config, { registry, importModule })).toBe(config);
    expect(registry.has('gadget', 'Gadget')).toBe(true);
  });

  it('fails with the module, unless failing is allowed', async () => {
    const config = (allow: boolean) =>
      Config.fromString(`customImports:\n  imports: [gone, gadgets]\n  allowFailedImports: ${allow}\n`, '.yaml', {
        file: 'a.yaml',
      });
    const registry = new Registry();
    await expect(importCustom(await config(false), { registry, importModule })).rejects.toThrow('no such module');
    expect((await importCustom(await config(true), { registry, importModule })).warnings).toEqual([
      { message: 'gone could not be imported: no such module', at: { file: 'a.yaml', line: 1, column: 1 } },
    ]);
    expect(registry.has('gadget', 'Gadget')).toBe(true);
  });

  it('imports as seen from the config', async () => {
    const seen: unknown[] = [];
    const config = Config.fromData({ customImports: ['./a.ts'] }, '/w/main.yaml');
    await importCustom(config, {
      registry: new Registry(),
      importModule: (specifier, from) => {
        seen.push(specifier, from);
        return Promise.resolve({});
      },
    });
    expect(seen).toEqual(['./a.ts', '/w/main.yaml']);
  });
});

describe('customImportsOf', () => {
  it.each([[5], [['a', 1]], [{ imports: 'a', alow: true }], [{ imports: ['a'], allowFailedImports: 1 }], [['']]])(
    'refuses %j',
    (customImports) => {
      expect(() => customImportsOf(Config.fromData({ custom_imports: customImports }))).toThrow(
        expect.objectContaining({ code: 'ENGINE_CONFIG_BAD_IMPORTS', subject: 'custom_imports' }),
      );
    },
  );

  it('is empty without any', () => {
    expect(customImportsOf(Config.fromData({}))).toEqual({ imports: [], allowFailedImports: false });
  });
});
