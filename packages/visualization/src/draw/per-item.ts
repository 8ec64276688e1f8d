import { visualizationErrors } from '../errors.js';

/** One value for all items, or a list with one for each. */
export type PerItem<T> = T | readonly T[];

/**
 * Reads an option item by item. `isOne` tells a single value that is itself a list.
 * @throws `ENGINE_VISUALIZATION_BAD_STYLE` for a list that is too short
 */
export function perItem<T>(
  name: string,
  value: PerItem<T>,
  count: number,
  isOne: (value: PerItem<T>) => boolean = (item) => !Array.isArray(item),
): (index: number) => T {
  if (isOne(value)) return () => value as T;
  const list = value as readonly T[];
  if (list.length >= count) return (index) => list[index] as T;
  throw visualizationErrors.BAD_STYLE({
    subject: name,
    expected: `one value, or a list of at least ${count}, one for each item drawn`,
    received: `a list of ${list.length}`,
    action: `lengthen ${name}, or give one value for all`,
  });
}
