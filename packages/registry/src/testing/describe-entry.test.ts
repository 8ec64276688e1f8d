import { defineEntry } from '@engine/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { describeEntries, type SettingsTable } from './index.js';

declare module '@engine/core' {
  interface Kinds {
    kettle: { readonly litres: number; dispose(): void };
  }
  interface BuildArgs {
    kettle: { readonly power: () => number };
  }
}

let alive = 0;
const SteelKettle = defineEntry('kettle', {
  name: 'SteelKettle',
  options: z.strictObject({
    litres: z.number(),
    hasWhistle: z._default(z.boolean(), true),
    tMax: z._default(z.number(), 100),
  }),
  create: ({ litres }, { args }) => {
    alive += args.power();
    return { litres, dispose: () => void alive-- };
  },
  module: '@kitchen/kettle',
  doc: 'Boils water.',
});
class GlassKettle {
  static readonly entry = defineEntry('kettle', {
    name: 'GlassKettle',
    options: z.strictObject({}),
    create: () => ({ litres: 1, dispose: () => undefined }),
    doc: 'Shows it.',
  });
}

const settings: SettingsTable = {
  'kettle/SteelKettle': { options: { litres: 2, hasWhistle: false, tMax: 90 }, args: () => ({ power: () => 1 }) },
  'kettle/GlassKettle': { options: {}, args: () => ({ power: () => 0 }), dispose: () => undefined },
};

describe('the kit', () => {
  describeEntries([SteelKettle, GlassKettle], settings);

  it('has disposed what it built', () => {
    expect(alive).toBe(0);
  });
});
