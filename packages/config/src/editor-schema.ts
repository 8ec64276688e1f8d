/** The JSON Schema with which editors complete configs in JSON and YAML. */
import type { Kind } from '@engine/core';
import { type EntryInfo, type JsonSchema, KIND_KEYWORD, type Registry } from '@engine/registry';
import { commonKeys, engineSchema } from './structure.js';

/**
 * JSON Schema (draft 7, which every editor reads) of a config in which everything in `registry` can be named; every key in camelCase and in
 * snake_case. A file may be a part of a config that others complete, so no option is required, and the user's own top-level keys are allowed.
 */
export function editorSchema(registry: Registry): JsonSchema {
  const entries = registry.listAll();
  const kinds = [...new Set([...entries.map((info) => info.kind), ...kindsIn(engineSchema)])].sort();
  const definitions = kinds.map((kind) => [kind, kindSchema(kind, entries)] as const);
  const options = entries.map((info) => [definitionOf(info), entrySchema(info)] as const);
  const { properties } = convert(engineSchema);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A config of the engine',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      _base_: { description: 'Files that this one extends.', anyOf: [text, { type: 'array', items: text }] },
      _deprecation_: {
        description: 'Says that this file is deprecated.',
        type: 'object',
        properties: { expected: text, reference: text },
      },
      ...properties,
    },
    definitions: { variable, ...Object.fromEntries([...definitions, ...options]) },
  };
}

const text: JsonSchema = { type: 'string' };

/** What stands for a value until the file is loaded. */
const variable: JsonSchema = { type: 'string', pattern: '\\{\\{.*\\}\\}' };

/** Keys that every object in a config may have. */
const always: Readonly<Record<string, JsonSchema>> = {
  _delete_: { type: 'boolean', description: 'Replaces what the bases have here instead of merging.' },
  _scope_: { type: 'string', description: 'Registry scope in which names are looked up from here on.' },
};

function ref(name: string): JsonSchema {
  return { $ref: `#/definitions/${name}` };
}

/** `if`, `then`, `else`; not as a literal, in which `then` would make a promise of it. */
function when(condition: JsonSchema, yes: JsonSchema, no: JsonSchema = {}): JsonSchema {
  const parts = [condition, yes, no];
  return Object.fromEntries(['if', 'then', 'else'].map((keyword, index) => [keyword, parts[index]]));
}

function definitionOf({ kind, name }: EntryInfo): string {
  return `${kind}.${name.replaceAll(/[~/%#]/g, '_')}`;
}

/** Anything of a kind: the options are those of the entry that `type` names. */
function kindSchema(kind: Kind, all: readonly EntryInfo[]): JsonSchema {
  const entries = all.filter((info) => info.kind === kind);
  const type = entries.length === 0 ? text : { anyOf: [{ enum: entries.map((info) => info.name) }, text] };
  return {
    type: 'object',
    properties: { type, ...always },
    allOf: entries.map((info) =>
      when({ properties: { type: { const: info.name } }, required: ['type'] }, ref(definitionOf(info))),
    ),
  };
}

function entrySchema({ kind, name, doc, options }: EntryInfo): JsonSchema {
  const known = options === undefined ? { additionalProperties: true } : convert(options);
  const common = Object.entries(commonKeys[kind] ?? {});
  return {
    ...known,
    ...(doc !== '' && { description: doc }),
    properties: {
      type: { const: name, ...(doc !== '' && { description: doc }) },
      ...Object.fromEntries(common.flatMap(([key, schema]) => bothSpellings(key, commonSchema(schema)))),
      ...known.properties,
    },
  };
}

/** A thing whose type stands elsewhere may have any options; those of the usual one are offered. */
function commonSchema(schema: JsonSchema): JsonSchema {
  const { [KIND_KEYWORD]: kind, default: standard } = schema;
  const type = (standard as { readonly type?: unknown } | undefined)?.type;
  return typeof kind === 'string' ? { anyOf: [ref(`${kind}.${String(type)}`), ref(kind), { type: 'null' }] } : schema;
}

/** A schema as editors are to see it, without formats that only zod knows: things by reference, both spellings, nothing required, variables allowed in the place of values. */
function convert(schema: JsonSchema): JsonSchema {
  const { required: _, $schema: _dialect, [KIND_KEYWORD]: kind, prefixItems, format: _own, ...rest } = schema;
  if (typeof kind === 'string') return thingSchema(kind as Kind, rest);
  if (rest.$ref !== undefined) return {}; // into a schema that is taken apart here
  const properties = rest.properties && {
    ...always,
    ...Object.fromEntries(Object.entries(rest.properties).flatMap(([key, child]) => bothSpellings(key, value(child)))),
  };
  return {
    ...rest,
    ...(properties !== undefined && { properties }),
    ...(typeof rest.additionalProperties === 'object' && { additionalProperties: value(rest.additionalProperties) }),
    ...(typeof rest.items === 'object' && { items: value(rest.items) }),
    ...(prefixItems !== undefined && {
      items: prefixItems.map(value) as unknown as JsonSchema,
      ...(rest.items !== undefined && { additionalItems: rest.items }),
    }),
    ...(rest.anyOf !== undefined && { anyOf: rest.anyOf.map(convert) }),
    ...(rest.oneOf !== undefined && { oneOf: rest.oneOf.map(convert) }),
    ...(rest.allOf !== undefined && { allOf: rest.allOf.map(convert) }),
  };
}

function value(schema: JsonSchema): JsonSchema {
  const converted = convert(schema);
  if (Object.keys(converted).length === 0) return converted;
  const { description, default: standard, ...rest } = converted;
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    anyOf: [rest, ref('variable')],
  };
}

/** Where `type` may be left out, the options are those of the entry that stands there then. */
function thingSchema(kind: Kind, { default: standard, description }: JsonSchema): JsonSchema {
  const type = (standard as { readonly type?: unknown } | undefined)?.type;
  const one = typeof type === 'string' ? when({ required: ['type'] }, ref(kind), ref(`${kind}.${type}`)) : ref(kind);
  return {
    ...(description !== undefined && { description }),
    anyOf: [one, { type: 'array', items: ref(kind) }, { type: 'null' }],
  };
}

function bothSpellings(key: string, schema: JsonSchema): [string, JsonSchema][] {
  const snake = key.replaceAll(/[A-Z]+/g, (letters) => `_${letters.toLowerCase()}`);
  return snake === key || snake.startsWith('_')
    ? [[key, schema]]
    : [
        [key, schema],
        [snake, schema],
      ];
}

function kindsIn(schema: JsonSchema): Kind[] {
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...[schema.items, schema.additionalProperties].filter((child) => typeof child === 'object'),
  ];
  const own = schema[KIND_KEYWORD];
  return [...(typeof own === 'string' ? [own as Kind] : []), ...children.flatMap(kindsIn)];
}
