import * as z from 'zod/mini';
import type { MetricValues } from './contract.js';

export const ITEMS = ['precision', 'recall', 'f1-score', 'support'] as const;
export type ClassCountItem = (typeof ITEMS)[number];

/** Options shared by the metrics made of hits, predictions and occurrences of each class. */
export const classCountOptions = {
  /** What to give. Default: precision, recall and f1-score. */
  items: z._default(z.array(z.enum(ITEMS)).check(z.minLength(1)), ['precision', 'recall', 'f1-score']),
  /** `macro`: the mean over classes. `micro`: all classes counted together. `none`: a list with one value a class. */
  average: z._default(z.enum(['macro', 'micro', 'none']), 'macro'),
  prefix: z.optional(z.string()),
};

export interface ClassCountSettings {
  readonly items: readonly ClassCountItem[];
  readonly average: 'macro' | 'micro' | 'none';
}

/** Running numbers for `classes` classes: hits, predictions and occurrences of each, one block after the other. */
export const countsWidth = (classes: number): number => 3 * classes;

/**
 * Precision, recall and F1 in percent, and support as a count.
 *
 * precision = hits / predicted and recall = hits / occurrences, 0 where a class is never predicted or never occurs;
 * F1 = 2PR / (P + R), 0 where both are 0. The same values as scikit-learn's `precision_recall_fscore_support` with `zero_division=0`.
 */
export function classCountValues(state: Float64Array, { items, average }: ClassCountSettings): MetricValues {
  const classes = state.length / 3;
  const block = (i: number): Float64Array => state.subarray(i * classes, (i + 1) * classes);
  const pooled = (values: Float64Array): Float64Array => Float64Array.of(sum(values));
  const [hits, predicted, support] = [0, 1, 2].map((i) => (average === 'micro' ? pooled(block(i)) : block(i))) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const precision = hits.map((value, i) => percent(value, predicted[i] as number));
  const recall = hits.map((value, i) => percent(value, support[i] as number));
  const f1 = precision.map((p, i) => harmonic(p, recall[i] as number));
  const all = { precision, recall, 'f1-score': f1, support };
  const suffix = { macro: '', micro: '_micro', none: '_classwise' }[average];
  return Object.fromEntries(
    items.map((item) => {
      const values = all[item];
      if (average === 'none') return [`${item}${suffix}`, Array.from(values)];
      return [`${item}${suffix}`, item === 'support' ? sum(values) : sum(values) / values.length];
    }),
  );
}

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);
const harmonic = (a: number, b: number): number => (a + b === 0 ? 0 : (2 * a * b) / (a + b));
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
