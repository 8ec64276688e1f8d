import { EngineError, type StandardSchemaV1 } from '@engine/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { parseOptions } from './options.js';

/** A schema of a library that we know nothing about: required and optional keys, everything a number. */
function foreign(
  required: readonly string[],
  optional: readonly string[],
): StandardSchemaV1<unknown, Record<string, unknown>> {
  const known = new Set([...required, ...optional]);
  const validate = (value: unknown): StandardSchemaV1.Result<Record<string, unknown>> => {
    const options = value as Record<string, unknown>;
    const unknown = Object.keys(options).filter((key) => !known.has(key));
    const missing = required.filter((key) => options[key] === undefined);
    const wrong = Object.keys(options).filter(
      (key) => known.has(key) && options[key] !== undefined && typeof options[key] !== 'number',
    );
    const issues = [...unknown, ...missing, ...wrong].map((key) => ({ message: 'nope', path: [{ key }] }));
    return issues.length > 0 ? { issues } : { value: options };
  };
  return { '~standard': { version: 1, vendor: 'foreign', validate } };
}

function failure(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const options = { subject: 'Thing', path: 'a.b' };

describe('parseOptions', () => {
  it('fills in defaults and remembers how keys were written', () => {
    const schema = z.strictObject({
      weightDecay: z._default(z.number(), 0),
      betas: z._default(z.array(z.strictObject({ beta1: z.number() })), []),
    });
    const parsed = parseOptions(schema, { betas: [{ beta_1: 0.9 }] }, options);
    expect(parsed.value).toEqual({ weightDecay: 0, betas: [{ beta1: 0.9 }] });
    expect([...parsed.written]).toEqual([['betas.0.beta1', 'betas.0.beta_1']]);
  });

  it('names a nested option as it was written', () => {
    const schema = z.strictObject({ clipGrad: z.optional(z.strictObject({ maxNorm: z.number() })) });
    expect(failure(() => parseOptions(schema, { clip_grad: { max_norm: 'x' } }, options)).subject).toBe(
      'a.b.clip_grad.max_norm',
    );
  });

  it('describes the branch of a union that was meant', () => {
    const schema = z.strictObject({ size: z.union([z.number(), z.strictObject({ width: z.number() })]) });
    expect(failure(() => parseOptions(schema, { size: 'x' }, options))).toMatchObject({
      code: 'ENGINE_REGISTRY_BAD_OPTION_TYPE',
      expected: 'a number or an object (Thing)',
    });
    expect(failure(() => parseOptions(schema, { size: { widht: 1 } }, options))).toMatchObject({
      code: 'ENGINE_REGISTRY_UNKNOWN_OPTION',
      subject: 'a.b.size.widht',
      action: 'rename it to width',
    });
  });

  it.each([
    [z.array(z.number()).check(z.minLength(2)), [1], 'a list with length >= 2'],
    [z.string().check(z.maxLength(2)), 'long', 'text with length <= 2'],
    [z.number().check(z.lt(1)), 1, 'a number < 1'],
    [z.number().check(z.multipleOf(4)), 6, 'a multiple of 4'],
    [z.string().check(z.regex(/^a+$/)), 'b', 'text that matches /^a+$/'],
    [z.number().check(z.refine((value) => value % 2 === 0, 'an even number')), 3, 'an even number'],
    [z.record(z.string(), z.number()), { x: 'y' }, 'a number'],
  ])('says in its own words what %# wants', (schema, value, expected) => {
    expect(failure(() => parseOptions(z.strictObject({ it: schema }), { it: value }, options)).expected).toBe(
      `${expected} (Thing)`,
    );
  });

  it('refuses options that are no object', () => {
    expect(failure(() => parseOptions(z.strictObject({}), [1], { subject: 'Thing' }))).toMatchObject({
      code: 'ENGINE_REGISTRY_BAD_OPTION_TYPE',
      expected: 'an object (Thing)',
      received: '[1]',
    });
  });

  it('reads snake_case with schemas that cannot list their keys', () => {
    const schema = foreign(['maxNorm'], ['normType', 'as_is']);
    expect(parseOptions(schema, { max_norm: 1, norm_type: 2, as_is: 3 }, options).value).toEqual({
      maxNorm: 1,
      normType: 2,
      as_is: 3,
    });
    expect(failure(() => parseOptions(schema, { max_norm: 1, maxNorm: 1 }, options)).code).toBe(
      'ENGINE_REGISTRY_BOTH_SPELLINGS',
    );
    expect(failure(() => parseOptions(schema, {}, options))).toMatchObject({
      code: 'ENGINE_REGISTRY_MISSING_OPTION',
      received: 'no maxNorm',
    });
    expect(failure(() => parseOptions(schema, { max_norm: 'x' }, options))).toMatchObject({
      subject: 'a.b.max_norm',
      expected: 'nope (Thing)',
    });
  });

  it('needs an answer at once', () => {
    const schema: StandardSchemaV1<unknown, object> = {
      '~standard': { version: 1, vendor: 'slow', validate: () => Promise.resolve({ value: {} }) },
    };
    expect(failure(() => parseOptions(schema, {}, options))).toMatchObject({
      code: 'ENGINE_REGISTRY_ASYNC_SCHEMA',
      received: 'a schema of slow that returns a promise',
    });
  });

  it('names the key of a map that is not allowed, and an element of a list', () => {
    const schema = z.strictObject({
      customKeys: z.optional(z.record(z.string().check(z.regex(/^[a-z.]+$/)), z.strictObject({ lrMult: z.number() }))),
      milestones: z.optional(z.array(z.int())),
    });
    expect(failure(() => parseOptions(schema, { custom_keys: { backbone: { lr_mult: 'x' } } }, options)).subject).toBe(
      'a.b.custom_keys.backbone.lr_mult',
    );
    expect(failure(() => parseOptions(schema, { customKeys: { BAD: { lrMult: 1 } } }, options))).toMatchObject({
      code: 'ENGINE_REGISTRY_BAD_OPTION_VALUE',
      subject: 'a.b.customKeys.BAD',
    });
    expect(failure(() => parseOptions(schema, { milestones: [1, '2'] }, options))).toMatchObject({
      code: 'ENGINE_REGISTRY_BAD_OPTION_TYPE',
      subject: 'a.b.milestones.1',
      received: '1 = "2"',
    });
  });

  it('names the misspelt one among several unknown options', () => {
    const schema = z.strictObject({ momentum: z.optional(z.number()) });
    expect(failure(() => parseOptions(schema, { colour: 1, momentm: 2 }, options))).toMatchObject({
      subject: 'a.b.momentm',
      received: 'momentm = 2',
      action: 'rename it to momentum',
    });
    expect(failure(() => parseOptions(z.strictObject({}), { colour: 1 }, options)).expected).toBe(
      'Thing takes no options here',
    );
  });

  it('asks for the place of what was written, and for that of the whole where something is missing', () => {
    const asked: string[] = [];
    const locate = (path: string) => {
      asked.push(path);
      return path === 'a.b' ? { file: 'f.yaml', line: 1 } : undefined;
    };
    const schema = z.strictObject({ maxNorm: z.number() });
    expect(failure(() => parseOptions(schema, {}, { ...options, locate })).at).toEqual({ file: 'f.yaml', line: 1 });
    expect(failure(() => parseOptions(schema, { max_norm: 'x' }, { ...options, locate })).at).toBeUndefined();
    expect(asked).toEqual(['a.b.maxNorm', 'a.b', 'a.b.max_norm']);
  });
});
