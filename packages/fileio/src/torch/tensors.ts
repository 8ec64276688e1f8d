import type { HostData, HostDType } from '@engine/core/plain';
import { type ElementType, swapped } from './element-types.js';
import { COPIED_BYTES, COPIES_PER_BYTE, MOST_AXES } from './limits.js';
import { PythonGlobal, type TorchTensor } from './python-values.js';
import type { Refuse } from './refuse.js';

type Values = HostData[HostDType];

/** Where the elements of a tensor are in a storage: counted in elements, as PyTorch has it. */
export interface Geometry {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Values of one type that tensors look into. One that is left in a file by itself stays opaque. */
export class TorchStorage extends PythonGlobal {
  readonly #decoded = new Map<ElementType, Values>();

  constructor(
    pythonClass: string,
    readonly type: ElementType,
    readonly bytes: Uint8Array,
    readonly bigEndian: boolean,
  ) {
    super(pythonClass);
  }

  /** All its values as those of `type`, decoded once. */
  values(type: ElementType, memory: CopyBudget): Values {
    const known = this.#decoded.get(type);
    if (known !== undefined) return known;
    const bytes = this.bytes.subarray(0, this.bytes.length - (this.bytes.length % type.bytes));
    const values = type.decode(this.bigEndian && type.bytes > 1 ? swapped(bytes, type.bytes) : bytes);
    if (values.buffer !== bytes.buffer) memory.spend(values.byteLength);
    this.#decoded.set(type, values);
    return values;
  }
}

/** How much may be copied out of one file. */
export class CopyBudget {
  #left: number;

  constructor(
    fileBytes: number,
    readonly refuse: Refuse,
  ) {
    this.#left = COPIED_BYTES + COPIES_PER_BYTE * fileBytes;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (!(this.#left >= 0))
      throw this.refuse.limit('tensors not much larger than the file', 'expanded or overlapping ones that are');
  }
}

/** The tensor that PyTorch would see; shares the storage's memory where it is contiguous. */
export function tensorOf(
  storage: TorchStorage,
  geometry: Geometry,
  { type, memory }: { readonly type: ElementType; readonly memory: CopyBudget },
): TorchTensor {
  const { offset, shape, strides } = geometry;
  const { refuse } = memory;
  const numbers = [offset, ...shape, ...strides];
  if (shape.length !== strides.length || shape.length > MOST_AXES || !numbers.every(isCount))
    throw refuse.broken('sizes and strides of a tensor', `(${shape.join(', ')}) and (${strides.join(', ')})`);
  const description = { dtype: type.host, shape, torchDtype: type.name, elementBytes: type.bytes };
  if (shape.includes(0)) return { ...description, data: type.decode(new Uint8Array(0)) };
  const values = storage.values(type, memory);
  const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * (strides[axis] as number), offset);
  if (last >= values.length)
    throw refuse.broken(`a tensor inside of its storage of ${values.length} values`, `one that reaches ${last}`);
  return { ...description, data: gather(values, geometry, memory) };
}

/** The values of a view in C order: a part of `values` where they lie so, else a copy. */
export function gather<A extends Values>(values: A, { offset, shape, strides }: Geometry, memory: CopyBudget): A {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (isContiguous(shape, strides)) return values.subarray(offset, offset + size) as A;
  memory.spend(size * values.BYTES_PER_ELEMENT);
  const out = new (values.constructor as new (length: number) => A)(size);
  const index = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < size; to++) {
    out[to] = values[from] as A[number];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [extent, stride] = [shape[axis] as number, strides[axis] as number];
      index[axis] = (index[axis] as number) + 1;
      from += stride;
      if ((index[axis] as number) < extent) break;
      from -= stride * extent;
      index[axis] = 0;
    }
  }
  return out;
}

/** Strides in C order of a shape, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1));
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  const expected = stridesOf(shape);
  return shape.every((extent, axis) => extent === 1 || strides[axis] === expected[axis]);
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
