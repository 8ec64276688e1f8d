import { type HostArray, isHostArray } from '@engine/core';
import { visualizationErrors } from '../errors.js';

/** Rows of numbers: a host array `(N, columns)`, lists, or one row alone. */
export type Coordinates = HostArray | readonly (readonly number[])[] | readonly number[];

/**
 * The rows, each of `columns` finite numbers.
 * @throws `ENGINE_VISUALIZATION_BAD_COORDINATES`
 */
export function rowsOf(name: string, value: Coordinates, columns: number): number[][] {
  const rows = isHostArray(value) ? cut(value) : nested(value);
  if (rows?.every((row) => row.length === columns && row.every(Number.isFinite))) return rows;
  throw badCoordinates(name, `(N, ${columns}) or ${columns} finite numbers`, describe(value));
}

/** One polygon `(M, 2)`, or a list of them. */
export type Polygons =
  | HostArray
  | readonly (readonly number[])[]
  | readonly (HostArray | readonly (readonly number[])[])[];

/**
 * The corners of each polygon.
 * @throws `ENGINE_VISUALIZATION_BAD_COORDINATES`
 */
export function polygonsOf(value: Polygons): number[][][] {
  const [first] = isHostArray(value) ? [] : value;
  const one = isHostArray(value) || (Array.isArray(first) && typeof first[0] === 'number');
  const list = one ? [value as HostArray] : (value as readonly HostArray[]);
  return list.map((polygon) => rowsOf('polygons', polygon, 2));
}

/** A list of numbers, or one. */
export function numbersOf(name: string, value: HostArray | readonly number[] | number): number[] {
  const numbers = isHostArray(value)
    ? Array.from(value.data, Number)
    : typeof value === 'number'
      ? [value]
      : [...value];
  if (numbers.every(Number.isFinite)) return numbers;
  throw badCoordinates(name, 'finite numbers', numbers.join(', '));
}

export const badCoordinates = (name: string, expected: string, received: string) =>
  visualizationErrors.BAD_COORDINATES({
    subject: name,
    expected,
    received,
    action: 'pass pixels from the upper left corner, x before y',
  });

function cut({ shape, data }: HostArray): number[][] | undefined {
  if (shape.length < 1 || shape.length > 2) return undefined;
  const [count = 0, columns = 0] = shape.length === 1 ? [1, shape[0]] : shape;
  return Array.from({ length: count }, (_, row) => Array.from(data.slice(row * columns, (row + 1) * columns), Number));
}

function nested(value: readonly (readonly number[])[] | readonly number[]): number[][] {
  const rows = typeof value[0] === 'number' ? [value as readonly number[]] : (value as readonly (readonly number[])[]);
  return rows.map((row) => [...row]);
}

const describe = (value: Coordinates): string =>
  isHostArray(value) ? `${value.dtype} of shape (${value.shape.join(', ')})` : JSON.stringify(value).slice(0, 80);
