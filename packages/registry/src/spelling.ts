import { isPlainObject } from '@engine/core/plain';
import { registryErrors } from './errors.js';
import { branchesOf, type JsonSchema, propertiesOf } from './json-schema.js';

/** `weight_decay` → `weightDecay`, `T_max` → `tMax`; names without an inner underscore stay as they are. */
export function toCamelCase(key: string): string {
  if (!/[^_]_+[^_]/.test(key) || key.startsWith('_')) return key;
  const [first = '', ...rest] = key.split(/_+/);
  return lowerFirst(first) + rest.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A value whose declared keys are in camelCase, and how each renamed path was written. */
export interface Respelled {
  readonly value: unknown;
  /** Dotted path below the value, in camelCase → the same path as written. Paths without a change are absent. */
  readonly written: ReadonlyMap<string, string>;
}

/**
 * Renames the keys that `schema` declares to camelCase, at every depth where it declares any; all other keys stay, and so do the identities
 * of objects in which nothing is renamed.
 *
 * @throws `ENGINE_REGISTRY_BOTH_SPELLINGS` when a key is given in both spellings
 */
export function respell(schema: JsonSchema, value: unknown, where: string): Respelled {
  const written = new Map<string, string>();
  return { value: walk(schema, value, { camel: '', written: '', where, renamed: written }), written };
}

interface Place {
  readonly camel: string;
  readonly written: string;
  readonly where: string;
  readonly renamed: Map<string, string>;
}

function below(place: Place, camel: string | number, written: string | number): Place {
  const next = { ...place, camel: join(place.camel, camel), written: join(place.written, written) };
  if (next.camel !== next.written) place.renamed.set(next.camel, next.written);
  return next;
}

export function join(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}

function walk(schema: JsonSchema, value: unknown, place: Place): unknown {
  const branches = branchesOf(schema);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => walk(itemSchema(branches, index), item, below(place, index, index)));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isPlainObject(value)) return value;
  const declared = new Map(branches.flatMap((branch) => Object.entries(propertiesOf(branch))));
  const values = branches.find((branch) => isSchema(branch.additionalProperties))?.additionalProperties;
  const result = new Map<string, unknown>();
  for (const [key, item] of Object.entries(value)) {
    const name = declared.has(key) || !declared.has(toCamelCase(key)) ? key : toCamelCase(key);
    if (name !== key && Object.hasOwn(value, name)) throw bothSpellings(place, name, key);
    if (result.has(name)) throw bothSpellings(place, name, key);
    const child = declared.get(name) ?? (isSchema(values) ? values : {});
    result.set(name, walk(child, item, below(place, name, key)));
  }
  const isSame = [...result].every(([name, item]) => Object.hasOwn(value, name) && value[name] === item);
  return isSame ? value : Object.fromEntries(result);
}

function itemSchema(branches: readonly JsonSchema[], index: number): JsonSchema {
  for (const branch of branches) {
    const item = branch.prefixItems?.[index] ?? branch.items;
    if (isSchema(item)) return item;
  }
  return {};
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

function bothSpellings(place: Place, name: string, key: string): Error {
  return registryErrors.BOTH_SPELLINGS({
    subject: join(place.written === '' ? place.where : join(place.where, place.written), key),
    expected: `${name} or ${key}, not both`,
    received: `both ${name} and ${key}`,
    action: `remove ${key}`,
  });
}
