import type { Logger } from '@engine/core';
import { byNearness } from '@engine/registry';

/** Finds which of the keys of `customKeys` a parameter falls under, and which keys no parameter falls under. */
export class CustomKeys<T> {
  readonly #sorted: readonly (readonly [key: string, value: T])[];

  constructor(entries: Readonly<Record<string, T>>) {
    this.#sorted = Object.entries(entries).sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));
  }

  /**
   * The longest key that occurs anywhere in the name; of several the alphabetically first. The model's own parameters count as having a
   * dot before their names, so that `.scale` finds `scale` as well as `neck.scale`.
   */
  match(name: string): { readonly key: string; readonly value: T } | undefined {
    const text = searched(name);
    const found = this.#sorted.find(([key]) => text.includes(key));
    return found === undefined ? undefined : { key: found[0], value: found[1] };
  }

  /** Warns of each key that occurs in none of the names, with the paths that it may be a misspelling of. */
  warnOfUnused(names: readonly string[], logger: Logger): void {
    for (const [key] of this.#sorted) {
      if (names.some((name) => searched(name).includes(key))) continue;
      const near = byNearness(key, [...pathsOf(names)]).slice(0, 3);
      logger.warn(
        `paramwiseCfg.customKeys: no parameter has ${JSON.stringify(key)} in its name. The nearest are ${near.join(', ')}.`,
      );
    }
  }
}

function searched(name: string): string {
  return name.includes('.') ? name : `.${name}`;
}

/** Every run of neighbouring parts of the names: what keys usually are. */
function pathsOf(names: readonly string[]): Set<string> {
  const paths = new Set<string>();
  for (const name of names) {
    const parts = name.split('.');
    for (let from = 0; from < parts.length; from += 1)
      for (let to = from + 1; to <= parts.length; to += 1) paths.add(parts.slice(from, to).join('.'));
  }
  return paths;
}
