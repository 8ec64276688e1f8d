import type { HostArray } from '@engine/core/plain';
import { type ElementType, swapped, typeNamed } from './element-types.js';
import { PythonObject, type PythonValue } from './python-values.js';
import { type CopyBudget, gather, stridesOf } from './tensors.js';

const TYPES: Readonly<Record<string, string>> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/** The array of `ndarray.__setstate__((version, shape, dtype, isFortran, bytes))`; undefined for objects, texts, dates. */
export function arrayOfState(state: PythonValue, memory: CopyBudget): HostArray | undefined {
  if (!Array.isArray(state)) return undefined;
  const [, shape, dtype, fortran, bytes] = state;
  return arrayOf({ shape, dtype, fortran: fortran === true, bytes }, memory);
}

/** The array of `_frombuffer(bytes, dtype, shape, 'C' or 'F')`, which pickle protocol 5 has. */
export function arrayOfBuffer(args: readonly PythonValue[], memory: CopyBudget): HostArray | undefined {
  const [bytes, dtype, shape, order] = args;
  return arrayOf({ shape, dtype, fortran: order === 'F', bytes }, memory);
}

/** The value of `scalar(dtype, bytes)`; undefined for dates and the like. */
export function scalarOf([dtype, bytes]: readonly PythonValue[], memory: CopyBudget): PythonValue | undefined {
  const array = arrayOf({ shape: [], dtype, fortran: false, bytes }, memory);
  const value = array?.data[0];
  if (array?.dtype === 'bool') return value === 1;
  return typeof value === 'bigint' && BigInt.asIntN(53, value) === value ? Number(value) : value;
}

interface Parts {
  readonly shape: PythonValue | undefined;
  readonly dtype: PythonValue | undefined;
  readonly fortran: boolean;
  readonly bytes: PythonValue | undefined;
}

function arrayOf({ shape, dtype, fortran, bytes }: Parts, memory: CopyBudget): HostArray | undefined {
  const found = typeOf(dtype);
  if (found === undefined || !(bytes instanceof Uint8Array) || !isShape(shape)) return undefined;
  const { type, bigEndian } = found;
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size * type.bytes !== bytes.length)
    throw memory.refuse.broken(`${size * type.bytes} bytes of a NumPy array (${shape.join(', ')})`, `${bytes.length}`);
  const values = type.decode(bigEndian ? swapped(bytes, type.bytes) : bytes);
  if (!fortran || size === 0) return { dtype: type.host, shape, data: values };
  const strides = stridesOf([...shape].reverse()).reverse();
  return { dtype: type.host, shape, data: gather(values, { offset: 0, shape, strides }, memory) };
}

/** `dtype('f8', False, True)` whose state has `<`, `>`, `=` or `|` for the order of bytes. */
function typeOf(dtype: PythonValue | undefined): { type: ElementType; bigEndian: boolean } | undefined {
  if (!(dtype instanceof PythonObject) || dtype.pythonClass !== 'numpy.dtype') return undefined;
  const [code] = dtype.args;
  const type = typeof code === 'string' && Object.hasOwn(TYPES, code) ? typeNamed(TYPES[code] as string) : undefined;
  return type && { type, bigEndian: Array.isArray(dtype.state) && dtype.state[1] === '>' };
}

const isShape = (value: PythonValue | undefined): value is number[] =>
  Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && (extent as number) >= 0);
