import { defineEntry } from '@engine/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { checkThing, checkThings } from './check.js';
import { jsonSchemaOf } from './json-schema.js';
import { Registry } from './registry.js';
import { thing } from './thing.js';

declare module '@engine/core' {
  interface Kinds {
    rotor: object;
    hull: object;
  }
}

const Blade = defineEntry('rotor', {
  name: 'Blade',
  options: z.strictObject({ pitch: z.number(), maxSpeed: z.optional(z.int()) }),
  create: () => {
    throw new Error('nothing is built');
  },
});
const Boat = defineEntry('hull', {
  name: 'Boat',
  options: z.strictObject({ rotor: thing('rotor'), spares: z.optional(z.array(z.unknown())) }),
  create: () => {
    throw new Error('nothing is built');
  },
});
const registry = new Registry();
registry.register(Blade);
registry.register(Boat);

const found = (config: unknown, options = {}) =>
  checkThing(registry, 'hull', config, { path: 'ship', ...options }).map(({ code, subject }) => [
    code.replace('ENGINE_REGISTRY_', ''),
    subject,
  ]);

describe('checkThing', () => {
  it('finds everything at once, at any depth, and builds nothing', () => {
    expect(found({ type: 'Boat', rotor: { type: 'Blade', pitch: 1, max_speed: 3 } })).toEqual([]);
    expect(
      found({
        type: 'Boat',
        sails: 1,
        rotor: { type: 'Blade', ptich: 1, max_speed: 'x' },
        spares: [{ type: 'Blade' }],
      }),
    ).toEqual([
      ['UNKNOWN_OPTION', 'ship.sails'],
      ['UNKNOWN_OPTION', 'ship.rotor.ptich'],
      ['MISSING_OPTION', 'ship.rotor.pitch'],
      ['BAD_OPTION_TYPE', 'ship.rotor.max_speed'],
      ['MISSING_OPTION', 'ship.spares.0.pitch'],
    ]);
  });

  it('knows what belongs where: unknown names, other kinds, things without a type', () => {
    expect(found({ type: 'Boat', rotor: { type: 'Blaed' } })).toEqual([['UNKNOWN_NAME', 'ship.rotor.type']]);
    expect(found({ type: 'Boat', rotor: { type: Boat } })).toEqual([['WRONG_KIND', 'ship.rotor.type']]);
    expect(found({ type: 'Boat', rotor: { pitch: 1 } })).toEqual([['MISSING_TYPE', 'ship.rotor']]);
    expect(found([{ type: 'Boat', rotor: [] }, 5])).toEqual([['BAD_CONFIG', 'ship.1']]);
  });

  it('leaves keys that a kind may have anyway, defaults, and what is built already', () => {
    const commonKeys = { rotor: ['priority'] };
    expect(found({ type: 'Boat', rotor: { type: 'Blade', pitch: 1, priority: 2 } }, { commonKeys })).toEqual([]);
    expect(found({ rotor: { type: 'Blade', pitch: 1 } }, { defaults: { type: 'Boat' } })).toEqual([]);
    expect(found(new (class Built {})())).toEqual([]);
  });
});

describe('checkThings', () => {
  it('walks a schema that says where things belong', () => {
    const schema = { properties: { fleet: { items: { 'x-engine-kind': 'hull', default: { type: 'Boat' } } } } };
    const problems = checkThings(registry, schema, {
      fleet: [{ rotor: { type: 'Blade' } }],
      other: { type: 'nobody' },
    });
    expect(problems.map(({ subject }) => subject)).toEqual(['fleet.0.rotor.pitch']);
  });
});

describe('thing', () => {
  it('says its kind in JSON Schema and takes objects only', () => {
    expect(jsonSchemaOf(Boat.options)?.properties?.rotor).toEqual({ 'x-engine-kind': 'rotor' });
    expect(z.safeParse(thing('rotor'), 5).success).toBe(false);
  });
});
