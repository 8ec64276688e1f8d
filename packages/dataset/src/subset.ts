import { datasetErrors } from './errors.js';

/** A number n: the first n samples, or the last -n for a negative one. A list: these samples in this order; negative ones count from the end. */
export type SubsetIndices = number | readonly number[];

/**
 * The places that `indices` mean in a list of `length`. A number larger than the list means all of it.
 * @throws `ENGINE_DATASET_BAD_INDICES`, `ENGINE_DATASET_INDEX_RANGE`
 */
export function subsetPlaces(indices: SubsetIndices, length: number, subject: string): number[] {
  if (typeof indices === 'number' && Number.isSafeInteger(indices)) {
    const count = Math.min(Math.abs(indices), length);
    return Array.from({ length: count }, (_, i) => (indices < 0 ? length - count + i : i));
  }
  if (!Array.isArray(indices)) {
    throw datasetErrors.BAD_INDICES({
      subject,
      expected: 'an integer or a list of integers',
      received: `indices = ${typeof indices === 'number' ? indices : describeType(indices)}`,
      action: 'give a number of samples, or a plain list: Array.from(indices)',
    });
  }
  return indices.map((index: unknown) => placeOf(index, length, subject));
}

/** The place of an index that may count from the end. @throws `ENGINE_DATASET_INDEX_RANGE` */
export function placeOf(index: unknown, length: number, subject: string): number {
  if (Number.isInteger(index) && (index as number) >= -length && (index as number) < length)
    return (index as number) < 0 ? (index as number) + length : (index as number);
  throw datasetErrors.INDEX_RANGE({
    subject,
    expected: length === 0 ? 'no index: there are no samples' : `an integer from ${-length} to ${length - 1}`,
    received: `index = ${String(index)}`,
    action: 'use indices of this dataset',
  });
}

export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? `an instance of ${value.constructor?.name ?? 'no class'}` : `a ${typeof value}`;
}
