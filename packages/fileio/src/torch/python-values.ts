import type { HostArray } from '@engine/core/plain';

/** A tensor of a file of PyTorch. `data` may share the file's memory, and that of other tensors. */
export interface TorchTensor extends HostArray {
  /** Its element type there: half precision is read as float32, whole numbers of other widths as int32 or int64. */
  readonly torchDtype: string;
  /** Bytes of one value in the file. */
  readonly elementBytes: number;
}

/** A class or function of Python, by name: `torch.float32`, `builtins.list`. */
export class PythonGlobal {
  constructor(readonly pythonClass: string) {}
}

/** An object of a class that means nothing here, taken apart and never built. */
export class PythonObject extends PythonGlobal {
  /** What it was last given to `__setstate__` or its `__dict__`. */
  state: PythonValue | undefined;
  /** Items, where the class is a dict. */
  entries: Map<PythonValue, PythonValue> | undefined;
  /** Elements, where the class is a list or a set. */
  elements: PythonValue[] | undefined;

  constructor(
    pythonClass: string,
    /** Arguments of the constructor or function that would have made it. */
    readonly args: readonly PythonValue[],
  ) {
    super(pythonClass);
  }
}

/**
 * What was pickled, as plain values. `dict`s are Maps, for their keys may be anything; lists and tuples are arrays, whole numbers
 * beyond 2^53 bigints, arrays of NumPy host arrays. A value that is used in several places is one object.
 */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | HostArray
  | TorchTensor
  | PythonGlobal
  | PythonObject
  | PythonValue[]
  | Map<PythonValue, PythonValue>
  | Set<PythonValue>;
