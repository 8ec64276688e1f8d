import { type ElementType, typeOfStorage } from './element-types.js';
import { PythonGlobal, type PythonValue } from './python-values.js';
import type { Refuse } from './refuse.js';

/** A persistent id: `('storage', class, key, device, count)`, and in files before PyTorch 1.6 a part of it. */
export interface StorageId {
  readonly pythonClass: string;
  readonly type: ElementType;
  readonly key: string;
  /** Values. */
  readonly count: number;
  /** `(key, first value, values)` of a storage that is a part of this one. */
  readonly part: readonly [offset: number, count: number] | undefined;
}

/** @throws `ENGINE_FILEIO_TORCH_BROKEN`, `ENGINE_FILEIO_TORCH_TENSOR` */
export function parseStorageId(id: PythonValue, refuse: Refuse): StorageId {
  const [kind, global, key, , count, view] = Array.isArray(id) ? id : [];
  if (kind !== 'storage' || !(global instanceof PythonGlobal) || typeof key !== 'string' || !isCount(count))
    throw refuse.broken('class, key and size of a storage of values', 'another persistent id');
  const { pythonClass } = global;
  const type = typeOfStorage(pythonClass);
  if (type === undefined) throw refuse.tensor(`values of ${pythonClass}`);
  return { pythonClass, type, key, count, part: partOf(view, count, refuse) };
}

function partOf(view: PythonValue | undefined, count: number, refuse: Refuse): StorageId['part'] {
  if (view === undefined || view === null) return undefined;
  const [, offset, size] = Array.isArray(view) ? view : [];
  if (!isCount(offset) || !isCount(size) || offset + size > count)
    throw refuse.broken(`a part of a storage of ${count} values`, 'one that goes beyond');
  return [offset, size];
}

const isCount = (value: PythonValue | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
