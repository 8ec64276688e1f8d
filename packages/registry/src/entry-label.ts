import type { Entry } from '@engine/core';

/** The name of an entry with its package, as messages show it: `SGD (@engine/optim)`. */
export function entryLabel(entry: Entry): string {
  return entry.module === undefined ? entry.name : `${entry.name} (${entry.module})`;
}
