import type { HostArray, HostData, HostDType } from '@engine/core';

interface ElementType<D extends HostDType = HostDType> {
  /** Name in the file. */
  readonly code: string;
  readonly bytes: number;
  view(buffer: ArrayBufferLike, byteOffset: number, length: number): HostData[D];
}

/** Element types that the engine keeps in safetensors files. */
export const ELEMENT_TYPES: { readonly [D in HostDType]: ElementType<D> } = {
  float32: { code: 'F32', bytes: 4, view: (buffer, at, length) => new Float32Array(buffer, at, length) },
  float64: { code: 'F64', bytes: 8, view: (buffer, at, length) => new Float64Array(buffer, at, length) },
  int32: { code: 'I32', bytes: 4, view: (buffer, at, length) => new Int32Array(buffer, at, length) },
  int64: { code: 'I64', bytes: 8, view: (buffer, at, length) => new BigInt64Array(buffer, at, length) },
  uint8: { code: 'U8', bytes: 1, view: (buffer, at, length) => new Uint8Array(buffer, at, length) },
  bool: { code: 'BOOL', bytes: 1, view: (buffer, at, length) => new Uint8Array(buffer, at, length) },
};

/** The format's own limit, in bytes. */
export const LARGEST_HEADER = 100_000_000;

export const dtypeOfCode: ReadonlyMap<string, HostDType> = new Map(
  (Object.keys(ELEMENT_TYPES) as HostDType[]).map((dtype) => [ELEMENT_TYPES[dtype].code, dtype]),
);

/** The bytes of an array, shared with it. */
export function bytesOf({ data }: HostArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** An array over a part of `bytes`; shares the memory where the alignment allows it. */
export function arrayOver(bytes: Uint8Array, dtype: HostDType, shape: readonly number[]): HostArray {
  const { bytes: size, view } = ELEMENT_TYPES[dtype];
  const whole = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return { dtype, shape, data: view(whole.buffer, whole.byteOffset, whole.byteLength / size) };
}
