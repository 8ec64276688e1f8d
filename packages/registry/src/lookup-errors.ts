import { type EngineError, type Entry, entryOf, type Kind, type SourceLocation, show } from '@engine/core/plain';
import { entryLabel } from './entry-label.js';
import { registryErrors } from './errors.js';
import { readImportPath } from './import-path.js';
import { isOpenMMLab, packagesOf } from './known-packages.js';
import { byNearness, nearest } from './nearest.js';
import type { Locate } from './options.js';
import type { Registry } from './registry.js';
import { splitScope } from './scope.js';

export interface Place {
  readonly path: string;
  readonly locate: Locate | undefined;
}

function subjectAt(place: Place): { readonly subject: string | undefined; readonly at: SourceLocation | undefined } {
  return { subject: place.path === '' ? undefined : place.path, at: place.locate?.(place.path) };
}

/** The value is neither a config nor a built object. */
export function badConfig(kind: Kind, config: unknown, place: Place): EngineError {
  const entry = typeof config === 'object' ? entryOf(config) : undefined;
  const isType = typeof config === 'function' || entry !== undefined;
  const name = place.path.split('.').at(-1) || kind;
  return registryErrors.BAD_CONFIG({
    ...subjectAt(place),
    expected: `a ${kind}: { type: ..., options }, or an object that is built already`,
    received: `${name} = ${entry === undefined ? show(config) : `the entry ${entry.name}`}`,
    action: isType || typeof config === 'string' ? 'write it as { type: ... } with its options' : `give a ${kind}`,
  });
}

export function missingType(kind: Kind, config: unknown, place: Place): EngineError {
  return registryErrors.MISSING_TYPE({
    ...subjectAt(place),
    expected: `a key type that names a ${kind}`,
    received: show(config),
    action: 'add type: the name of a registered entry, its class or the entry itself',
  });
}

/** Names listed in a message; more would hide what it says. */
const LISTED = 12;

/** No entry of the kind has the name: which scopes were searched, what is near, and where it may come from. */
export function unknownName(
  registry: Registry,
  wanted: { readonly kind: Kind; readonly name: string },
  place: Place,
): EngineError {
  const { kind, name } = wanted;
  const { scope, plain } = scopePath(registry, rootName(registry, name));
  const searched = scope === undefined ? scopesAbove(registry) : [scope];
  const holder = scope === undefined ? registry : registry.root.find(scope);
  const isOwn = scope !== undefined && holder === registry; // a registry's own prefix does not climb to its parents
  const reachable = holder?.list(kind).filter((info) => !isOwn || info.scope === registry.scope) ?? [];
  const names = reachable.map((info) => info.name);
  const meant = meantName(registry, wanted);
  return registryErrors.UNKNOWN_NAME({
    ...subjectAt(place),
    expected: expectedName(kind, searched, byNearness(plain, names)),
    received: `type = ${show(name)}${holder === undefined ? `, and no registry of the scope ${scope}` : ''}`,
    action:
      meant === undefined
        ? `register ${name}, ${sourceOf(registry, wanted)}, or pass the class itself as type`
        : `write ${meant}, or ${sourceOf(registry, wanted)}`,
  });
}

/** `torch.optim.SDG` is looked up as SDG. */
function rootName(registry: Registry, name: string): string {
  const path = readImportPath(name);
  const isScope = registry.root.find(splitScope(name).scope ?? '') !== undefined;
  return path === undefined || path.scope !== undefined || isScope ? name : path.name;
}

/** The scope that a name asks for, all the way down, and the name in it. */
function scopePath(registry: Registry, name: string): { readonly scope: string | undefined; readonly plain: string } {
  const { scope, name: rest } = splitScope(name);
  if (scope === undefined) return { scope, plain: name };
  const deeper = scopePath(registry, rest);
  return deeper.scope === undefined || registry.root.find(deeper.scope) === undefined ? { scope, plain: rest } : deeper;
}

function scopesAbove(registry: Registry): string[] {
  return [registry.scope, ...(registry.parent === undefined ? [] : scopesAbove(registry.parent))];
}

function expectedName(kind: Kind, searched: readonly string[], names: readonly string[]): string {
  const where = `the scope${searched.length === 1 ? '' : 's'} ${searched.join(', ')}`;
  if (names.length === 0) return `a registered ${kind}; none is registered in ${where}`;
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : '';
  return `one of the ${kind} entries in ${where}: ${names.slice(0, LISTED).join(', ')}${more}`;
}

/** The name that was meant: near this one, or the same in another scope. */
function meantName(
  registry: Registry,
  { kind, name }: { readonly kind: Kind; readonly name: string },
): string | undefined {
  const plain = name.slice(name.lastIndexOf('.') + 1);
  const all = registry.listAll(kind).map((info) => info.name);
  const elsewhere = all.find((each) => each !== name && each.slice(each.lastIndexOf('.') + 1) === plain);
  return elsewhere ?? nearest(name, all) ?? nearest(plain, all);
}

/** What would bring a name in: the first-party packages of its kind of which nothing is registered, or the one that the user knows. */
function sourceOf(registry: Registry, { kind, name }: { readonly kind: Kind; readonly name: string }): string {
  const { scope } = splitScope(rootName(registry, name));
  if (scope !== undefined && isOpenMMLab(scope))
    return `name a package with the entries of ${scope}, which itself is Python, in customImports`;
  const present = new Set(registry.listAll(kind).map((info) => info.module));
  const missing = packagesOf(kind).filter((each) => !present.has(each));
  if (scope !== undefined || missing.length === 0)
    return `name the package that has ${name} in customImports: ['their-package']`;
  return `name its package in customImports: [${missing.map((each) => `'${each}'`).join(', ')}]`;
}

export function badType(type: unknown, path: string, at?: SourceLocation): EngineError {
  const inherits = typeof type === 'function' && 'entry' in type;
  return registryErrors.NOT_AN_ENTRY({
    subject: path === '' ? undefined : path,
    expected: 'an entry (defineHook(...), defineOptimizer(...), ...) or a class with a static entry of its own',
    received: inherits ? `${show(type)}, which only inherits the entry of its parent` : show(type),
    action: 'give the class its own `static entry = defineEntry(...)`, or pass a built object',
    at,
  });
}

export function wrongKind(kind: Kind, entry: Entry, place: Place): EngineError {
  return registryErrors.WRONG_KIND({
    ...subjectAt(place),
    expected: `a ${kind}`,
    received: `type = ${entryLabel(entry)}, which is a ${entry.kind}`,
    action: `put a ${kind} here`,
  });
}
