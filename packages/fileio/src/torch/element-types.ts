import type { HostData, HostDType } from '@engine/core/plain';

/** How values of one type of PyTorch or NumPy lie in a file. */
export interface ElementType {
  /** PyTorch's name. */
  readonly name: string;
  /** Bytes of one value. */
  readonly bytes: number;
  /** The host array that holds it without loss. */
  readonly host: HostDType;
  /** All values of whole storages, least significant byte first. Shares the memory where type and alignment allow it. */
  decode(bytes: Uint8Array): HostData[HostDType];
}

type View = (buffer: ArrayBufferLike, at: number, length: number) => HostData[HostDType];

const as =
  (size: number, view: View): ElementType['decode'] =>
  (bytes) => {
    const whole = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
    return view(whole.buffer, whole.byteOffset, whole.byteLength / size);
  };

const each =
  <A extends Int32Array | BigInt64Array>(
    size: number,
    make: (length: number) => A,
    read: (view: DataView, at: number) => A[number],
  ): ElementType['decode'] =>
  (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const out = make(bytes.length / size);
    for (let i = 0; i < out.length; i++) out[i] = read(view, i * size);
    return out as unknown as HostData[HostDType];
  };

const integers = (length: number) => new Int32Array(length);
const bigs = (length: number) => new BigInt64Array(length);

const words = (bytes: Uint8Array): Uint16Array => {
  const whole = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(whole.buffer, whole.byteOffset, whole.byteLength / 2);
};

/** A bfloat16 is the upper half of a float32. */
function brains(bytes: Uint8Array): Float32Array {
  const source = words(bytes);
  const out = new Uint32Array(source.length);
  for (let i = 0; i < out.length; i++) out[i] = (source[i] as number) << 16;
  return new Float32Array(out.buffer);
}

let table: Float32Array | undefined;

/** By a table of all 65536 of them: what is read is long. */
function halves(bytes: Uint8Array): Float32Array {
  const values = (table ??= Float32Array.from({ length: 65_536 }, (_, bits) => half(bits)));
  const source = words(bytes);
  const out = new Float32Array(source.length);
  for (let i = 0; i < out.length; i++) out[i] = values[source[i] as number] as number;
  return out;
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function half(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const bool: ElementType['decode'] = (bytes) => (bytes.every((value) => value <= 1) ? bytes : bytes.map(Math.sign));

const TYPES: readonly ElementType[] = [
  { name: 'float32', bytes: 4, host: 'float32', decode: as(4, (...at) => new Float32Array(...at)) },
  { name: 'float64', bytes: 8, host: 'float64', decode: as(8, (...at) => new Float64Array(...at)) },
  { name: 'float16', bytes: 2, host: 'float32', decode: halves },
  { name: 'bfloat16', bytes: 2, host: 'float32', decode: brains },
  { name: 'int64', bytes: 8, host: 'int64', decode: as(8, (...at) => new BigInt64Array(...at)) },
  { name: 'int32', bytes: 4, host: 'int32', decode: as(4, (...at) => new Int32Array(...at)) },
  { name: 'int16', bytes: 2, host: 'int32', decode: each(2, integers, (view, at) => view.getInt16(at, true)) },
  { name: 'int8', bytes: 1, host: 'int32', decode: each(1, integers, (view, at) => view.getInt8(at)) },
  { name: 'uint8', bytes: 1, host: 'uint8', decode: (bytes) => bytes },
  { name: 'uint16', bytes: 2, host: 'int32', decode: each(2, integers, (view, at) => view.getUint16(at, true)) },
  { name: 'uint32', bytes: 4, host: 'int64', decode: each(4, bigs, (view, at) => BigInt(view.getUint32(at, true))) },
  { name: 'bool', bytes: 1, host: 'bool', decode: bool },
];

const byName: ReadonlyMap<string, ElementType> = new Map(TYPES.map((type) => [type.name, type]));

const STORAGES: Readonly<Record<string, string>> = {
  Float: 'float32',
  Double: 'float64',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
};

/** The type that `torch.float32` names, or undefined. */
export function typeOfDtype(pythonClass: string): ElementType | undefined {
  return pythonClass.startsWith('torch.') ? byName.get(pythonClass.slice('torch.'.length)) : undefined;
}

/** The type that `float32` names, or undefined. */
export const typeNamed = (name: string): ElementType | undefined => byName.get(name);

/** The type of the values of `torch.FloatStorage`, also of `torch.cuda.FloatStorage`; bytes for an untyped one. */
export function typeOfStorage(pythonClass: string): ElementType | undefined {
  const [, name] = /^torch\.(?:cuda\.|storage\.)?(\w+)Storage$/.exec(pythonClass) ?? [];
  if (name === undefined) return undefined;
  return byName.get(name === 'Untyped' ? 'uint8' : (Object.hasOwn(STORAGES, name) && STORAGES[name]) || '');
}

/** A copy with the bytes of each value in the other order. */
export function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = bytes.slice();
  for (let at = 0; at + size <= out.length; at += size) out.subarray(at, at + size).reverse();
  return out;
}
