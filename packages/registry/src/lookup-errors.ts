import { type EngineError, type Entry, entryOf, type Kind, type SourceLocation } from '@engine/core';
import { entryLabel } from './entry-label.js';
import { registryErrors } from './errors.js';
import { nearest } from './nearest.js';
import type { Locate } from './options.js';
import { show } from './show.js';

interface Place {
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

export function unknownName(
  registry: { list(kind: Kind): readonly { readonly name: string }[]; readonly scope: string },
  wanted: { readonly kind: Kind; readonly name: string },
  place: Place,
): EngineError {
  const { kind, name } = wanted;
  const names = registry.list(kind).map((info) => info.name);
  const meant = nearest(name.slice(name.lastIndexOf('.') + 1), names);
  return registryErrors.UNKNOWN_NAME({
    ...subjectAt(place),
    expected:
      names.length === 0
        ? `a registered ${kind}; none is registered in ${registry.scope}`
        : `one of the ${kind} entries in ${registry.scope}: ${names.join(', ')}`,
    received: `type = ${show(name)}`,
    action:
      meant === undefined
        ? `register ${name}, name its package in customImports, or pass the class itself as type`
        : `write ${meant}, or register ${name}`,
  });
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
