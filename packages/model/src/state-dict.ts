import type { HostArray, HostDType } from '@engine/core';
import { modelErrors } from './errors.js';

export interface LoadOptions {
  /** Demands exactly the same names; default true. */
  readonly strict?: boolean;
}

/** A named place of a state: what is read and loaded there. */
export interface StateSlot {
  readonly shape: readonly number[];
  /** Element type in checkpoints. */
  readonly dtype: 'float32' | 'int64';
  /** Whether an array of this element type can be loaded. */
  accepts(dtype: HostDType): boolean;
  /** A copy, as of this call. */
  read(): Promise<HostArray>;
  /** Copies values in; shape and element type fit. */
  load(array: HostArray): void;
}

/** Element types that may be loaded into floats and into integers. */
export const loadable: Readonly<Record<StateSlot['dtype'], readonly HostDType[]>> = {
  float32: ['float32', 'float64'],
  int64: ['int64', 'int32'],
};

/** How many names of each kind an error lists. */
const SHOWN = 8;

/** Starts all reads in one tick, so that the state is of one moment. */
export async function readState(tensors: ReadonlyMap<string, StateSlot>): Promise<Map<string, HostArray>> {
  const arrays = await Promise.all([...tensors.values()].map((tensor) => tensor.read()));
  return new Map([...tensors.keys()].map((name, i) => [name, arrays[i] as HostArray]));
}

export function loadState(
  tensors: ReadonlyMap<string, StateSlot>,
  state: ReadonlyMap<string, HostArray>,
  { strict = true }: LoadOptions,
): void {
  const differing = [...state].flatMap(([name, array]) => difference(name, tensors.get(name), array));
  const missing = strict ? [...tensors.keys()].filter((name) => !state.has(name)) : [];
  const unexpected = strict ? [...state.keys()].filter((name) => !tensors.has(name)) : [];
  if (missing.length + unexpected.length + differing.length > 0)
    throw mismatch({ missing, unexpected, differing }, tensors.size);
  for (const [name, array] of state) tensors.get(name)?.load(array);
}

function difference(name: string, tensor: StateSlot | undefined, array: HostArray): string[] {
  if (tensor === undefined) return [];
  if (!sameShape(tensor.shape, array.shape))
    return [`${name} (${array.shape.join(', ')}) instead of (${tensor.shape.join(', ')})`];
  if (!tensor.accepts(array.dtype)) return [`${name} ${array.dtype} instead of ${tensor.dtype}`];
  return [];
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

function mismatch(
  found: Readonly<Record<'missing' | 'unexpected' | 'differing', readonly string[]>>,
  size: number,
): Error {
  const received = Object.entries(found)
    .filter(([, names]) => names.length > 0)
    .map(
      ([what, names]) =>
        `${what}: ${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}`,
    );
  return modelErrors.STATE_MISMATCH({
    expected: `the ${size} names, shapes and element types of this model`,
    received: received.join('; '),
    action:
      found.differing.length > 0
        ? 'build the model with the options it was saved with, or leave those entries out of the state'
        : 'build the model with the options it was saved with, or load with { strict: false }',
  });
}
