import { type HostArray, isHostArray, sizeOf } from '@engine/core/plain';
import * as z from 'zod/mini';
import type { CollateContext, Sample } from './contract.js';
import { defineCollate } from './define.js';
import { datasetErrors } from './errors.js';
import { sameShape } from './same-shape.js';
import { BaseDataElement } from './structures/base-data-element.js';
import { showArray, typeName } from './type-name.js';
import { zeros } from './zeros.js';

const [INT32_MIN, INT32_MAX] = [-(2 ** 31), 2 ** 31 - 1];

/**
 * Stacks samples into a batch, key by key: host arrays of one shape and element type to `(N, ...)`, whole numbers to int32 `(N)`,
 * booleans to bool `(N)`; strings and data elements stay a list; objects and lists are stacked inside. The arrays are new.
 *
 * A real number is refused, because a batch whose values happen to be whole would change its type: give `hostArray('float32', [], ...)`.
 * @throws `ENGINE_DATASET_COLLATE_MISMATCH`, `ENGINE_DATASET_COLLATE_TYPE`, with the path of the value
 */
export function defaultCollate(
  samples: readonly Sample[],
  memory: CollateContext = { zeros },
): Record<string, unknown> {
  return stackFields(samples, '', memory);
}

function stack(values: readonly unknown[], path: string, memory: CollateContext): unknown {
  const [first] = values;
  if (isHostArray(first)) return stackArrays(values, { first, path }, memory);
  if (typeof first === 'number') return stackIntegers(values, path, memory);
  if (typeof first === 'boolean') return stackBooleans(values, path, memory);
  if (typeof first === 'string' || first instanceof BaseDataElement) return [...values];
  if (Array.isArray(first)) return stackLists(values, { length: first.length, path }, memory);
  if (isFields(first)) return stackFields(values, path, memory);
  throw unstackable(first, path);
}

function stackArrays(
  values: readonly unknown[],
  { first, path }: { readonly first: HostArray; readonly path: string },
  memory: CollateContext,
): HostArray {
  const inPlace = memory.stacked?.(values);
  if (inPlace !== undefined) return inPlace;
  const size = sizeOf(first.shape);
  const stacked = memory.zeros(first.dtype, [values.length, ...first.shape]);
  const target = stacked.data as { set(source: ArrayLike<unknown>, offset: number): void };
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!isAlike(value, first)) {
      throw mismatch(path, {
        i,
        expected: showArray(first),
        received: isHostArray(value) ? showArray(value) : typeName(value),
      });
    }
    target.set(value.data, i * size);
  }
  return stacked;
}

function isAlike(value: unknown, first: HostArray): value is HostArray {
  const array = value as HostArray | null | undefined;
  if (array?.shape === first.shape && array.dtype === first.dtype && ArrayBuffer.isView(array.data)) return true; // as in most datasets
  return isHostArray(value) && value.dtype === first.dtype && sameShape(value.shape, first.shape);
}

function stackIntegers(values: readonly unknown[], path: string, memory: CollateContext): HostArray<'int32'> {
  const stacked = memory.zeros('int32', [values.length]);
  const { data } = stacked;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number') throw mismatch(path, { i, expected: 'a number', received: typeName(value) });
    if (!Number.isInteger(value) || value < INT32_MIN || value > INT32_MAX) {
      throw datasetErrors.COLLATE_TYPE({
        subject: path,
        expected: 'whole numbers that fit into int32',
        received: `${value} in sample ${i} of the batch`,
        action:
          "give real values as hostArray('float32', [], Float32Array.of(value)), so that every batch has the same type",
      });
    }
    data[i] = value;
  }
  return stacked;
}

function stackBooleans(values: readonly unknown[], path: string, memory: CollateContext): HostArray<'bool'> {
  const stacked = memory.zeros('bool', [values.length]);
  values.forEach((value, i) => {
    if (typeof value !== 'boolean') throw mismatch(path, { i, expected: 'a boolean', received: typeName(value) });
    stacked.data[i] = value ? 1 : 0;
  });
  return stacked;
}

function stackLists(
  values: readonly unknown[],
  { length, path }: { readonly length: number; readonly path: string },
  memory: CollateContext,
): unknown[] {
  const lists = values.map((value, i) => {
    if (Array.isArray(value) && value.length === length) return value as unknown[];
    throw mismatch(path, {
      i,
      expected: `a list of ${length}`,
      received: Array.isArray(value) ? `a list of ${value.length}` : typeName(value),
    });
  });
  return Array.from({ length }, (_, k) =>
    stack(
      lists.map((list) => list[k]),
      `${path}[${k}]`,
      memory,
    ),
  );
}

function stackFields(values: readonly unknown[], path: string, memory: CollateContext): Record<string, unknown> {
  const keys = Object.keys(values[0] as object);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (isPlain(value) && hasKeys(value, keys)) continue;
    const received = isFields(value) ? `keys ${Object.keys(value).join(', ')}` : typeName(value);
    throw mismatch(path, { i, expected: `keys ${keys.join(', ')}`, received });
  }
  return Object.fromEntries(
    keys.map((key) => {
      const column: unknown[] = [];
      for (const value of values) column.push((value as Record<string, unknown>)[key]);
      return [key, stack(column, path === '' ? key : `${path}.${key}`, memory)];
    }),
  );
}

function hasKeys(value: object, keys: readonly string[]): boolean {
  let count = 0;
  for (const key in value) if (key !== keys[count++]) return hasKeysInAnyOrder(value, keys);
  return count === keys.length;
}

function hasKeysInAnyOrder(value: object, keys: readonly string[]): boolean {
  return Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key));
}

/** A plain object, as samples are; not a host array, an instance of a class or a list. */
export function isFields(value: unknown): value is Record<string, unknown> {
  return isPlain(value) && !isHostArray(value);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function mismatch(path: string, { i, expected, received }: { i: number; expected: string; received: string }): Error {
  return datasetErrors.COLLATE_MISMATCH({
    subject: path === '' ? 'sample' : path,
    expected: `${expected}, as in sample 0 of the batch`,
    received: `${received} in sample ${i}`,
    action: 'make the samples alike in the pipeline (crop, resize, pad), or batch them unstacked with pseudoCollate',
  });
}

function unstackable(value: unknown, path: string): Error {
  return datasetErrors.COLLATE_TYPE({
    subject: path,
    expected: 'a host array, whole number, boolean, string, or objects and lists of these',
    received: typeName(value),
    action: ArrayBuffer.isView(value)
      ? 'wrap typed arrays with hostArray(dtype, shape, data)'
      : 'convert it in the pipeline, or use pseudoCollate',
  });
}

const noOptions = z.strictObject({});

/** {@link defaultCollate} by name. */
export const defaultCollateEntry = defineCollate({
  name: 'defaultCollate',
  options: noOptions,
  create: () => defaultCollate,
  module: '@engine/dataset',
  export: 'defaultCollateEntry',
  doc: 'Stacks the samples of a batch.',
});

declare module '@engine/registry' {
  interface Collates {
    defaultCollate: typeof defaultCollateEntry;
  }
}
