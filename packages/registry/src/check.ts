/** Finds what is wrong with a config without building anything: the same lookups and the same schemas, everything at once. */
import { EngineError, type Entry, entryOf, isPlainObject, type Kind } from '@engine/core/plain';
import { type LookupOptions, lookUp } from './build.js';
import { branchesOf, type JsonSchema, jsonSchemaOf, KIND_KEYWORD, propertiesOf } from './json-schema.js';
import { problemsOf } from './options.js';
import type { Registry } from './registry.js';
import { join, toCamelCase } from './spelling.js';

export interface CheckOptions extends LookupOptions {
  /** Keys that configs of a kind may have beside the options of their entry, e.g. the `priority` of a hook. */
  readonly commonKeys?: Readonly<Record<string, readonly string[]>>;
}

/** Everything that would stop `registry.build(kind, config)` and what it builds in turn, short of errors of their own code. */
export function checkThing(registry: Registry, kind: Kind, config: unknown, options: CheckOptions = {}): EngineError[] {
  if (Array.isArray(config)) {
    return config.flatMap((item, index) =>
      checkThing(registry, kind, item, { ...options, path: join(options.path ?? '', index) }),
    );
  }
  return collect(() => {
    const found = lookUp(registry, kind, { config: withoutKeys(config, options.commonKeys?.[kind]), options });
    if (found === undefined) return [];
    const { value, problems, written } = problemsOf(found.entry.options, found.given, found.place);
    const schema = jsonSchemaOf(found.entry.options);
    const below = { ...options, defaults: {}, scope: found.scope };
    const walk = { registry: found.registry, options: below, written, above: found.place.path };
    return [...problems, ...(schema === undefined ? [] : checkBelow(schema, value, { ...walk, path: '' }))];
  });
}

/** As {@link checkThing}, for every thing inside a value that a schema describes; `written` gives the paths as the config spells them. */
export function checkThings(
  registry: Registry,
  schema: JsonSchema,
  value: unknown,
  options: CheckOptions & { readonly written?: ReadonlyMap<string, string> } = {},
): EngineError[] {
  const { written = new Map(), path: above = '', ...rest } = options;
  return checkBelow(schema, value, { registry, options: rest, written, above, path: '' });
}

interface Walk {
  readonly registry: Registry;
  readonly options: CheckOptions;
  readonly written: ReadonlyMap<string, string>;
  /** Dotted config path of the value at which the walk began. */
  readonly above: string;
  /** Dotted camelCase path below it. */
  readonly path: string;
}

function checkBelow(schema: JsonSchema, value: unknown, walk: Walk): EngineError[] {
  if (typeof value !== 'object' || value === null) return [];
  const branches = branchesOf(schema);
  const declared = kindAt(branches, value);
  const kind = declared?.kind ?? guessKind(walk.registry, value);
  if (kind !== undefined) {
    const path = [walk.above, walk.written.get(walk.path) ?? walk.path].filter((part) => part !== '').join('.');
    return checkThing(walk.registry, kind, value, { ...walk.options, path, defaults: declared?.defaults ?? {} });
  }
  const entries = Array.isArray(value) ? [...value.entries()] : isPlainObject(value) ? Object.entries(value) : [];
  return entries.flatMap(([key, item]) =>
    checkBelow(childSchema(branches, key), item, { ...walk, path: join(walk.path, key) }),
  );
}

/** The kind that a schema says; of several the one whose required keys are all there, with the values it says. */
function kindAt(
  branches: readonly JsonSchema[],
  value: object,
): { readonly kind: Kind; readonly defaults: Readonly<Record<string, unknown>> } | undefined {
  const kinds = branches.filter((branch) => branch[KIND_KEYWORD] !== undefined);
  const fits =
    kinds.find((branch) => branch.required?.every((key) => hasValue(value, key, propertiesOf(branch)[key]))) ??
    kinds.find((branch) => branch.required === undefined);
  if (fits === undefined) return undefined;
  return { kind: fits[KIND_KEYWORD] as Kind, defaults: isPlainObject(fits.default) ? fits.default : {} };
}

function hasValue(value: object, key: string, schema: JsonSchema | undefined): boolean {
  return key in value && (schema?.const === undefined || (value as Record<string, unknown>)[key] === schema.const);
}

/** For schemas that do not say what they take: the kind of the entry that `type` names, if it names one. */
function guessKind(registry: Registry, value: object): Kind | undefined {
  const type = isPlainObject(value) ? value.type : undefined;
  const entry = typeof type === 'string' ? anyEntry(registry, type) : entryOf(type);
  return entry?.kind;
}

function anyEntry(registry: Registry, name: string): Entry | undefined {
  const kinds = new Set(registry.listAll().map((info) => info.kind));
  return [...kinds].map((kind) => registry.get(kind, name)).find((entry) => entry !== undefined);
}

function childSchema(branches: readonly JsonSchema[], key: string | number): JsonSchema {
  for (const branch of branches) {
    const child =
      typeof key === 'number'
        ? (branch.prefixItems?.[key] ?? branch.items)
        : (propertiesOf(branch)[key] ?? branch.additionalProperties);
    if (typeof child === 'object') return child;
  }
  return {};
}

function withoutKeys(config: unknown, keys: readonly string[] = []): unknown {
  if (!isPlainObject(config) || keys.length === 0 || entryOf(config) !== undefined) return config;
  return Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(toCamelCase(key))));
}

function collect(check: () => EngineError[]): EngineError[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof EngineError) return [error];
    throw error;
  }
}
