import type { Entry } from '@engine/core';
import { entryOf } from '@engine/core';

/** The entry that a value is or carries itself. A class that only inherits its parent's entry has none: it would build the parent. */
export function ownEntryOf(value: unknown): Entry | undefined {
  return typeof value === 'function' && !Object.hasOwn(value, 'entry') ? undefined : entryOf(value);
}

/** The name of an entry with its package, as messages show it: `SGD (@engine/optim)`. */
export function describe(entry: Entry): string {
  return entry.module === undefined ? entry.name : `${entry.name} (${entry.module})`;
}
