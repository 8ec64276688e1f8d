import { type ArgsOf, type EngineError, type Entry, type EntryLike, entryOf, type Kind } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { declaredKeys, jsonSchemaOf } from '../json-schema.js';
import { Registry } from '../registry.js';

/** Options that make sense for an entry, as a user would write them in camelCase; tests and benchmarks build it with them. */
export interface CanonicalSettings {
  readonly options: object;
  /** Makes what the kind needs at build time (parameters, a dataset); called for every build. */
  readonly args?: () => unknown;
  /** Frees what `args` and the build made; default: calls the built object's `dispose` when it has one. */
  readonly dispose?: (built: unknown, args: unknown) => void | Promise<void>;
}

/** Settings by `kind/Name`. Every package exports its own as `canonicalSettings` from `/testing`; the tooling proves that no first-party entry lacks one. */
export type SettingsTable = Readonly<Record<`${string}/${string}`, CanonicalSettings>>;

/** Checks all entries of a package against its settings table; an entry without settings and settings without an entry fail. */
export function describeEntries(entries: readonly EntryLike[], settings: SettingsTable): void {
  it('has canonical settings for exactly its entries', () => {
    const names = entries.map((item) => keyOf(requireEntry(item)));
    expect(Object.keys(settings).sort()).toEqual(names.sort());
  });
  for (const item of entries) {
    const found = settings[keyOf(requireEntry(item))];
    if (found !== undefined) describeEntry(item, found);
  }
}

/** The contract of any entry: a strict schema, a name and a line of documentation, both spellings, and that it builds from its canonical options. */
export function describeEntry(item: EntryLike, settings: CanonicalSettings): void {
  const entry = requireEntry(item);
  describe(`entry ${keyOf(entry)}`, () => {
    it('has a name, an export and one line of documentation', () => {
      expect(entry.name).toMatch(/^[A-Za-z]\w*$/);
      expect(entry.export).toMatch(/^[A-Za-z]\w*$/);
      expect(entry.doc).toMatch(/^\S[^\n]*\S$/);
    });

    it('declares its options in camelCase', () => {
      expect(
        declaredKeys(jsonSchemaOf(entry.options)).filter((key) => !/^[a-z]\w*$/.test(key) || key.includes('_')),
      ).toEqual([]);
    });

    it('registers, which needs a strict schema', () => {
      expect(new Registry().register(item)).toBe(item);
    });

    it('builds from its canonical options by name and by type, without changing them', async () => {
      const before = { ...settings.options };
      expect(await build(item, { type: entry.name, ...settings.options }, settings)).toBe(true);
      expect(await build(item, { type: item, ...settings.options }, settings)).toBe(true);
      expect(settings.options).toEqual(before);
    });

    it('builds from the snake_case form of its options', async () => {
      const snake = Object.entries(settings.options).map(([key, value]) => [toSnakeCase(key), value] as const);
      expect(await build(item, { type: entry.name, ...Object.fromEntries(snake) }, settings)).toBe(true);
    });

    it('refuses an option it does not know, by its path', async () => {
      const config = { type: entry.name, ...settings.options, thisKeyIsUnknown: 1 };
      const error = await build(item, config, settings).then(
        () => undefined,
        (reason: EngineError) => reason,
      );
      expect(error).toMatchObject({
        code: 'ENGINE_REGISTRY_UNKNOWN_OPTION',
        subject: 'here.thisKeyIsUnknown',
        received: 'thisKeyIsUnknown = 1',
      });
    });
  });
}

function requireEntry(item: EntryLike): Entry {
  const entry = entryOf(item);
  expect(entry, 'an entry, or a class with a static entry of its own').toBeDefined();
  return entry as Entry;
}

function keyOf(entry: Entry): `${string}/${string}` {
  return `${entry.kind}/${entry.name}`;
}

/** The inverse of the spelling rule on declared options. */
function toSnakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Whether something was built; frees it. */
async function build(item: EntryLike, config: object, settings: CanonicalSettings): Promise<boolean> {
  const registry = new Registry();
  registry.register(item);
  const args = settings.args?.();
  let built: unknown;
  try {
    built = registry.build(requireEntry(item).kind, config, { path: 'here', args: args as ArgsOf<Kind> } as never);
    return built !== undefined && built !== null;
  } finally {
    if (settings.dispose !== undefined) await settings.dispose(built, args);
    else await disposeOf(built);
  }
}

async function disposeOf(built: unknown): Promise<void> {
  if (typeof built !== 'object' || built === null || !('dispose' in built) || typeof built.dispose !== 'function')
    return;
  await built.dispose();
}
