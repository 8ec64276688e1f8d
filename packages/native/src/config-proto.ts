/** The few fields of TensorFlow's ConfigProto that matter, encoded by hand: the wheel has no .proto files. */

export interface ContextOptions {
  /** Threads within an op. Default: TensorFlow's, one a core. */
  readonly threads?: number | undefined;
  /** Take GPU memory as it is needed instead of all at once. */
  readonly gpuGrowth?: boolean | undefined;
  /** The part of a GPU's memory that may be used, 0 to 1. */
  readonly gpuMemoryFraction?: number | undefined;
  /** Numbers of the GPUs to use; an empty list hides all. */
  readonly gpus?: readonly number[] | undefined;
}

const [VARINT, DOUBLE, BYTES] = [0, 1, 2];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

const key = (field: number, wire: number): number[] => varint(field * 8 + wire);
const number = (field: number, value: number): number[] => [...key(field, VARINT), ...varint(value)];
const bytes = (field: number, content: readonly number[]): number[] => [
  ...key(field, BYTES),
  ...varint(content.length),
  ...content,
];
const text = (field: number, content: string): number[] => bytes(field, [...Buffer.from(content)]);
const double = (field: number, value: number): number[] => [
  ...key(field, DOUBLE),
  ...new Uint8Array(Float64Array.of(value).buffer),
];

/** Field numbers are those of tensorflow/core/protobuf/config.proto. */
export function encodeConfig({ threads, gpuGrowth, gpuMemoryFraction, gpus }: ContextOptions): Uint8Array {
  const gpu = [
    ...(gpuMemoryFraction === undefined ? [] : double(1, gpuMemoryFraction)),
    ...(gpuGrowth === true ? number(4, 1) : []),
    ...(gpus === undefined || gpus.length === 0 ? [] : text(5, gpus.join(','))),
  ];
  return Uint8Array.from([
    ...(gpus?.length === 0 ? bytes(1, [...text(1, 'GPU'), ...number(2, 0)]) : []),
    ...(threads === undefined ? [] : [...number(2, threads), ...number(5, 1)]),
    ...(gpu.length === 0 ? [] : bytes(6, gpu)),
  ]);
}
