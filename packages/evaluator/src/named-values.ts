import type { MetricValues } from './contract.js';
import { evaluatorErrors } from './errors.js';

/** The values under their prefix. @throws `ENGINE_EVALUATOR_BAD_VALUES` */
export function namedValues(
  values: MetricValues,
  { subject, prefix }: { readonly subject: string; readonly prefix: string | undefined },
): MetricValues {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw evaluatorErrors.BAD_VALUES({
      subject,
      expected: 'an object of named values',
      received: `computeMetrics() = ${Array.isArray(values) ? 'a list' : String(values)}`,
      action: 'return an object such as { accuracy: 98.7 } from computeMetrics()',
    });
  }
  return prefix === undefined
    ? values
    : Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]));
}

/** @throws `ENGINE_EVALUATOR_BAD_SIZE` unless `size` is a count of samples */
export function checkSize(size: number): void {
  if (Number.isSafeInteger(size) && size >= 0) return;
  throw evaluatorErrors.BAD_SIZE({
    expected: 'the number of samples of the dataset',
    received: `size = ${size}`,
    action: 'pass dataset.length',
  });
}
