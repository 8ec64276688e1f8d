/** A score and whether its sample belongs to the class. */
export interface Ranked {
  readonly score: number;
  readonly positive: boolean;
}

/** Counts of positives and negatives for each distinct score, the highest first. */
function levels(ranked: readonly Ranked[]): { positives: number; negatives: number }[] {
  const sorted = [...ranked].sort((a, b) => b.score - a.score);
  const found: { score: number; positives: number; negatives: number }[] = [];
  for (const { score, positive } of sorted) {
    let level = found.at(-1);
    if (level?.score !== score) {
      level = { score, positives: 0, negatives: 0 };
      found.push(level);
    }
    if (positive) level.positives++;
    else level.negatives++;
  }
  return found;
}

/**
 * Average precision: the sum over distinct scores of precision times the step in recall (no interpolation), from 0 to 1;
 * NaN without positives. The same value as scikit-learn's `average_precision_score`.
 */
export function averagePrecision(ranked: readonly Ranked[]): number {
  let [hits, taken, area] = [0, 0, 0];
  for (const { positives, negatives } of levels(ranked)) {
    hits += positives;
    taken += positives + negatives;
    area += positives * (hits / taken);
  }
  return hits === 0 ? Number.NaN : area / hits;
}

/**
 * Area under the ROC curve: how often a positive has a higher score than a negative, ties counting half, from 0 to 1;
 * NaN without positives or without negatives (Mann-Whitney U over the number of pairs).
 */
export function rocAuc(ranked: readonly Ranked[]): number {
  let [positivesAbove, negatives, pairs] = [0, 0, 0];
  for (const level of levels(ranked)) {
    pairs += level.negatives * (positivesAbove + level.positives / 2);
    positivesAbove += level.positives;
    negatives += level.negatives;
  }
  return pairs / (positivesAbove * negatives);
}

/** Mean of those that are numbers; NaN if none is. */
export function meanOfNumbers(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
