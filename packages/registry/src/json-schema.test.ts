import type { StandardSchemaV1 } from '@engine/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { declaredKeys, jsonSchemaOf, looseObjectIn } from './json-schema.js';

describe('jsonSchemaOf', () => {
  it('describes zod schemas, whatever is in them, and computes once', () => {
    const schema = z.strictObject({
      size: z._default(z.int(), 3),
      make: z.optional(z.custom<() => void>((value) => typeof value === 'function')),
    });
    const json = jsonSchemaOf(schema);
    expect(json).toMatchObject({
      additionalProperties: false,
      properties: { size: { type: 'integer', default: 3 }, make: {} },
    });
    expect(jsonSchemaOf(schema)).toBe(json);
  });

  it('leaves infinities out of what may be written, since JSON would turn them into null', () => {
    const schema = z.strictObject({ order: z.literal(['inf', Number.POSITIVE_INFINITY]) });
    expect(jsonSchemaOf(schema)?.properties?.['order']).toMatchObject({ enum: ['inf'] });
  });

  it('asks other libraries by the standard interface, and takes no for an answer', () => {
    const bare: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'bare', validate: (value) => ({ value }) } };
    expect(jsonSchemaOf(bare)).toBeUndefined();
    const converter = { jsonSchema: { input: () => ({ properties: { size: {} } }) } };
    expect(
      declaredKeys(jsonSchemaOf({ '~standard': { ...bare['~standard'], ...converter } } as StandardSchemaV1)),
    ).toEqual(['size']);
  });
});

describe('declaredKeys', () => {
  const schema = jsonSchemaOf(
    z.strictObject({
      one: z.union([z.number(), z.strictObject({ width: z.number() }), z.strictObject({ height: z.number() })]),
      many: z.array(z.strictObject({ name: z.string() })),
      map: z.record(z.string(), z.strictObject({ lrMult: z.number() })),
    }),
  );
  it.each([
    [[], ['one', 'many', 'map']],
    [['one'], ['width', 'height']],
    [['many', 3], ['name']],
    [['map', 'backbone'], ['lrMult']],
    [['nowhere', 'at all'], []],
  ])('at %j: %j', (path, keys) => {
    expect(declaredKeys(schema, path)).toEqual(keys);
  });
});

describe('looseObjectIn', () => {
  it('finds the object that strips unknown keys', () => {
    const loose = (schema: StandardSchemaV1) => looseObjectIn(jsonSchemaOf(schema) ?? {});
    expect(loose(z.strictObject({ a: z.optional(z.strictObject({ b: z.object({ c: z.number() }) })) }))).toBe('a.b');
    expect(
      loose(
        z.strictObject({ a: z.record(z.string(), z.looseObject({})), b: z.tuple([z.strictObject({ c: z.number() })]) }),
      ),
    ).toBeUndefined();
  });
});
