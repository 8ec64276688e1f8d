import { distance } from 'fastest-levenshtein';

/**
 * The candidate that `name` is most likely a misspelling of; undefined when none is close: at most `maxDistance` edits
 * (default a third of the length). Case and underscores count for nothing.
 */
export function nearest(
  name: string,
  candidates: Iterable<string>,
  options: { readonly maxDistance?: number } = {},
): string | undefined {
  const key = fold(name);
  let best: string | undefined;
  let bestDistance = (options.maxDistance ?? Math.max(1, Math.floor(key.length / 3))) + 1;
  for (const candidate of candidates) {
    const steps = editsBetween(key, fold(candidate));
    if (steps < bestDistance) [best, bestDistance] = [candidate, steps];
  }
  return best;
}

/** The candidates, nearest first. */
export function byNearness(name: string, candidates: readonly string[]): string[] {
  const key = fold(name);
  const steps = new Map(candidates.map((candidate) => [candidate, editsBetween(key, fold(candidate))]));
  return candidates.toSorted((a, b) => (steps.get(a) ?? 0) - (steps.get(b) ?? 0));
}

/** Levenshtein's distance, except that two neighbours swapped are one edit. */
function editsBetween(a: string, b: string): number {
  const differing =
    a.length === b.length ? a.split('').flatMap((letter, index) => (letter === b[index] ? [] : [index])) : [];
  const [i, j] = differing;
  const isSwap = differing.length === 2 && i !== undefined && j === i + 1 && a[i] === b[j] && a[j] === b[i];
  return isSwap ? 1 : distance(a, b);
}

function fold(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
