import { defineEntry, type Entry } from '@engine/core';
import { describe, expectTypeOf, it } from 'vitest';
import * as z from 'zod/mini';
import type { ConfigOf, OptionsOf, TypedConfigOf } from './config-of.js';
import { Registry } from './registry.js';

const pumpOptions = z.strictObject({ litres: z.number(), isLoud: z._default(z.boolean(), false) });
interface PumpOptions extends z.input<typeof pumpOptions> {}
const Pump: Entry<'pump', 'Pump', PumpOptions> = defineEntry('pump', {
  name: 'Pump',
  options: pumpOptions,
  create: () => ({ run: () => 1 }),
});
class Fan {
  declare static readonly entry: Entry<'pump', 'Fan', { blades?: number }>;
  run = () => 2;
}

declare module '@engine/core' {
  interface Kinds {
    pump: { run(): number };
    engineRoom: { pump: unknown };
  }
  interface BuildArgs {
    engineRoom: { readonly size: number };
  }
}
declare module './tables.js' {
  interface Pumps {
    Pump: typeof Pump;
    Fan: typeof Fan;
  }
  interface KindTables {
    pump: Pumps;
  }
}

const accept = (_config: ConfigOf<'pump'>): void => undefined;

describe('ConfigOf', () => {
  it('takes names, classes, entries and built objects', () => {
    accept({ type: 'Pump', litres: 1 });
    accept({ type: Pump, litres: 1, isLoud: true });
    accept({ type: 'Fan' });
    accept({ type: Fan, blades: 3 });
    accept(new Fan());
    accept({ run: () => 3 });
  });

  it('refuses unknown names, unknown options, wrong types and missing options', () => {
    // @ts-expect-error: unknown name
    accept({ type: 'Pmup', litres: 1 });
    // @ts-expect-error: unknown option
    accept({ type: 'Pump', litres: 1, isLuod: true });
    // @ts-expect-error: unknown option beside a class
    accept({ type: Fan, blads: 3 });
    // @ts-expect-error: wrong type
    accept({ type: 'Pump', litres: '1' });
    // @ts-expect-error: missing option
    accept({ type: 'Pump' });
    // @ts-expect-error: an option of another entry
    accept({ type: 'Fan', litres: 1 });
  });

  it('lets type out where it has a default', () => {
    const config: TypedConfigOf<'pump', 'Pump'> = { litres: 2 };
    expectTypeOf(config).toExtend<{ litres: number }>();
    // @ts-expect-error: no entry has such an option
    const wrong: TypedConfigOf<'pump', 'Pump'> = { litres: 2, isLuod: true };
    expectTypeOf(wrong).not.toBeAny();
  });

  it('names the options of an entry', () => {
    expectTypeOf<OptionsOf<'pump', 'Pump'>>().toEqualTypeOf<PumpOptions>();
  });
});

describe('Registry.build', () => {
  it('gives what the kind says and asks for the arguments that it needs', () => {
    const registry = new Registry();
    expectTypeOf(() => registry.build('pump', { type: 'Pump' })).returns.toEqualTypeOf<{ run(): number }>();
    expectTypeOf(() => registry.build('engineRoom', {}, { args: { size: 1 } })).returns.toEqualTypeOf<{
      pump: unknown;
    }>();
    // @ts-expect-error: an engine room needs its size
    expectTypeOf(() => registry.build('engineRoom', {})).toBeFunction();
    // @ts-expect-error: no such kind
    expectTypeOf(() => registry.build('nothing', {})).toBeFunction();
  });
});
