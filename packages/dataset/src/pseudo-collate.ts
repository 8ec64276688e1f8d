import * as z from 'zod/mini';
import type { Sample } from './contract.js';
import { isFields } from './default-collate.js';
import { defineCollate } from './define.js';
import { datasetErrors } from './errors.js';
import { typeName } from './type-name.js';

/**
 * Groups samples without stacking: for each key the list of values; lists and objects are turned inside out the same way.
 * Values are the samples' own, not copies. For images of different sizes, which the data preprocessor pads.
 *
 * @throws `ENGINE_DATASET_COLLATE_MISMATCH` when keys of the first sample are missing elsewhere or lists differ in length
 */
export function pseudoCollate(samples: readonly Sample[]): Record<string, unknown> {
  return group(samples, '') as Record<string, unknown>;
}

function group(values: readonly unknown[], path: string): unknown {
  const [first] = values;
  if (Array.isArray(first)) {
    values.forEach((value, i) => checkList(value, { i, length: first.length, path }));
    return first.map((_, k) => column(values, k, path));
  }
  if (!isFields(first)) return [...values];
  return Object.fromEntries(
    Object.keys(first).map((key) => {
      values.forEach((value, i) => checkKey(value, { i, key, path }));
      return [key, column(values, key, path)];
    }),
  );
}

function column(values: readonly unknown[], key: string | number, path: string): unknown {
  return group(
    values.map((value) => (value as Record<string | number, unknown>)[key]),
    path === '' ? `${key}` : `${path}.${key}`,
  );
}

function checkList(value: unknown, { i, length, path }: { i: number; length: number; path: string }): void {
  if (Array.isArray(value) && value.length === length) return;
  throw mismatch(
    path,
    `a list of ${length}`,
    `${Array.isArray(value) ? `a list of ${value.length}` : typeName(value)} in sample ${i}`,
  );
}

function checkKey(value: unknown, { i, key, path }: { i: number; key: string; path: string }): void {
  if (isFields(value) && Object.hasOwn(value, key)) return;
  throw mismatch(
    path,
    `the key ${key}`,
    `${isFields(value) ? `keys ${Object.keys(value).join(', ')}` : typeName(value)} in sample ${i}`,
  );
}

function mismatch(path: string, expected: string, received: string): Error {
  return datasetErrors.COLLATE_MISMATCH({
    subject: path === '' ? 'sample' : path,
    expected: `${expected}, as in sample 0 of the batch`,
    received,
    action: 'give all samples of the dataset the same keys and lengths',
  });
}

/** {@link pseudoCollate} by name. */
export const pseudoCollateEntry = defineCollate({
  name: 'pseudoCollate',
  options: z.strictObject({}),
  create: () => pseudoCollate,
  module: '@engine/dataset',
  export: 'pseudoCollateEntry',
  doc: 'Groups the samples of a batch by key without stacking them.',
});

declare module '@engine/registry' {
  interface Collates {
    pseudoCollate: typeof pseudoCollateEntry;
  }
}
