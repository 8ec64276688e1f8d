import type { StandardSchemaV1 } from '@engine/core';
import { toJSONSchema } from 'zod/v4/core';
import { kindOfSchema } from './thing.js';

/** Where a schema says that a thing of a kind belongs: `{ 'x-engine-kind': 'optimizer' }`. */
export const KIND_KEYWORD = 'x-engine-kind';

/** The part of JSON Schema (draft 2020-12) that tools and the spelling rule read. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: boolean | JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly default?: unknown;
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

const cache = new WeakMap<StandardSchemaV1, JsonSchema | null>();

/** JSON Schema of what a schema accepts; undefined when its library offers none. Parts that JSON cannot say accept anything in it. */
export function jsonSchemaOf(schema: StandardSchemaV1): JsonSchema | undefined {
  let known = cache.get(schema);
  if (known === undefined) {
    known = compute(schema) ?? null;
    cache.set(schema, known);
  }
  return known ?? undefined;
}

interface JsonSchemaConverter {
  input(options: { target: 'draft-2020-12'; libraryOptions?: object }): unknown;
}

function compute(schema: StandardSchemaV1): JsonSchema | undefined {
  if ('_zod' in schema) {
    return toJSONSchema(schema as unknown as Parameters<typeof toJSONSchema>[0], {
      io: 'input',
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        const kind = kindOfSchema(zodSchema);
        if (kind !== undefined) Object.assign(jsonSchema, { [KIND_KEYWORD]: kind });
        // JSON writes infinities as null, which would then be allowed
        if (jsonSchema.enum !== undefined)
          jsonSchema.enum = jsonSchema.enum.filter((value) => typeof value !== 'number' || Number.isFinite(value));
      },
    }) as JsonSchema;
  }
  const standard = schema['~standard'] as StandardSchemaV1.Props & { readonly jsonSchema?: JsonSchemaConverter };
  return standard.jsonSchema?.input({ target: 'draft-2020-12' }) as JsonSchema | undefined;
}

/** The alternatives that a schema offers, itself included. */
export function branchesOf(schema: JsonSchema): JsonSchema[] {
  return [schema, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap(branchesOf)];
}

export function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return schema.properties ?? {};
}

/** Names that a schema declares at a path below it, in order of declaration. */
export function declaredKeys(schema: JsonSchema | undefined, path: readonly PropertyKey[] = []): string[] {
  if (schema === undefined) return [];
  const branches = branchesOf(schema);
  const [key, ...rest] = path;
  if (key === undefined) return [...new Set(branches.flatMap((branch) => Object.keys(propertiesOf(branch))))];
  const next = branches.map((branch) => step(branch, key)).find((child) => child !== undefined);
  return declaredKeys(next, rest);
}

function step(schema: JsonSchema, key: PropertyKey): JsonSchema | undefined {
  const child =
    typeof key === 'number'
      ? (schema.prefixItems?.[key] ?? schema.items)
      : (propertiesOf(schema)[String(key)] ?? schema.additionalProperties);
  return typeof child === 'object' ? child : undefined;
}

/** Path of the first nested object that silently drops or ignores unknown keys; undefined when all are strict. */
export function looseObjectIn(schema: JsonSchema, path = ''): string | undefined {
  for (const branch of branchesOf(schema)) {
    if (branch.properties !== undefined && branch.additionalProperties === undefined) return path;
    for (const [key, child] of Object.entries(propertiesOf(branch))) {
      const found = looseObjectIn(child, path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    for (const child of [branch.items, branch.additionalProperties, ...(branch.prefixItems ?? [])]) {
      const found = typeof child === 'object' ? looseObjectIn(child, `${path}[]`) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
