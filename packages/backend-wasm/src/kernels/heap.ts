/** What the kernels of this package share: tensors as typed arrays on the heap of the WebAssembly module. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Memory } from './web-assembly.js';

/** The part of TensorFlow.js's wasm backend that kernels use. */
export interface WasmHeap {
  /** Allocates a tensor; its elements are not initialised. */
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** A view of a tensor's elements. Growing the heap detaches it: allocate first, then take views. */
  typedArrayFromHeap(info: tf.TensorInfo): tf.TypedArray;
  incRef(dataId: object): void;
  disposeData(dataId: object): boolean;
  /** Private to TensorFlow.js 4.22; only {@link withFreshId} uses it. */
  dataIdNextNumber: number;
  readonly dataIdMap: {
    get(dataId: object): { readonly memoryOffset: number };
    set(
      dataId: object,
      data: { id: number; memoryOffset: number; shape: number[]; dtype: tf.DataType; refCount: number },
    ): void;
    delete(dataId: object): boolean;
  };
  readonly wasm: {
    /** The memory under the heap: Emscripten shows it in one place without threads and in the other with them. */
    readonly asm?: { readonly memory?: Memory };
    readonly wasmMemory?: Memory;
    readonly tfjs: {
      registerTensor(id: number, size: number, memoryOffset: number): void;
      disposeData(id: number): void;
    };
  };
}

export interface KernelCall<I> {
  readonly inputs: I;
  readonly backend: WasmHeap;
  readonly attrs: tf.NamedAttrMap;
}

/** A kernel function with the types it sees, as TensorFlow.js wants it. */
export function kernel<I>(compute: (call: KernelCall<I>) => tf.TensorInfo | tf.TensorInfo[]): tf.KernelFunc {
  return ({ inputs, backend, attrs }) =>
    compute({ inputs: inputs as unknown as I, backend: backend as unknown as WasmHeap, attrs: attrs ?? {} });
}

/** The same elements under another shape; takes no reference. */
export function viewAs(info: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  return { dataId: info.dataId, shape, dtype: info.dtype };
}

/** An output that shares the elements of `info`: tensors never change in place, so no copy is needed. */
export function shared(backend: WasmHeap, info: tf.TensorInfo, shape: number[] = info.shape): tf.TensorInfo {
  backend.incRef(info.dataId);
  return viewAs(info, shape);
}

/**
 * Calls `use` with the elements of `info` under an id of their own.
 *
 * TensorFlow.js caches XNNPACK's packed copy of a matrix product's second operand by id alone: the same elements under another shape would be
 * multiplied with the wrong sizes, and the packed copies of activations would stay until those are freed.
 */
export function withFreshId<T>(
  backend: WasmHeap,
  { dataId: source, shape, dtype }: tf.TensorInfo,
  use: (alias: tf.TensorInfo) => T,
): T {
  const { memoryOffset } = backend.dataIdMap.get(source);
  const id = backend.dataIdNextNumber++;
  const dataId = { id };
  const size = shape.reduce((product, extent) => product * extent, 1);
  backend.dataIdMap.set(dataId, { id, memoryOffset, shape, dtype, refCount: 2 ** 30 });
  backend.wasm.tfjs.registerTensor(id, size, memoryOffset);
  try {
    return use({ dataId, shape, dtype });
  } finally {
    backend.wasm.tfjs.disposeData(id);
    backend.dataIdMap.delete(dataId);
  }
}
