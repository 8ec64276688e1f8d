/** What the kernels of this package share. */
import * as tf from '@tensorflow/tfjs-core';
import { DT, dtypeCode } from '../dtypes.js';
import type { Attribute, Handle } from '../tensor-flow.js';
import type { NativeKernelBackend } from './kernel-backend.js';

export interface KernelCall {
  readonly b: NativeKernelBackend;
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

export type Compute = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];

/** Kernels by TensorFlow.js's names. */
export type Kernels = Readonly<Record<string, Compute>>;

/** A kernel function as TensorFlow.js wants it; handles that it leaves behind are freed. */
export const kernelFunc =
  (compute: Compute): tf.KernelFunc =>
  ({ inputs, backend, attrs }) => {
    const b = backend as unknown as NativeKernelBackend;
    return b.during(() =>
      compute({ b, inputs: inputs as unknown as KernelCall['inputs'], attrs: (attrs ?? {}) as KernelCall['attrs'] }),
    );
  };

const typeAttributes = new Map<string, Attribute>();

/** A type attribute. */
export function type(name: string, dtype: tf.DataType): Attribute {
  const key = name + dtype;
  let attribute = typeAttributes.get(key);
  if (attribute === undefined) {
    attribute = { name, setting: 'type', value: dtypeCode(dtype) };
    typeAttributes.set(key, attribute);
  }
  return attribute;
}

export const int = (name: string, value: number): Attribute => ({ name, setting: 'int', value });
export const float = (name: string, value: number): Attribute => ({ name, setting: 'float', value });
export const bool = (name: string, value: boolean): Attribute => ({ name, setting: 'bool', value });
export const text = (name: string, value: string): Attribute => ({ name, setting: 'string', value });
export const intList = (name: string, values: readonly number[]): Attribute => ({
  name,
  setting: 'ints',
  value: BigInt64Array.from(values, BigInt),
});

export const T = (dtype: tf.DataType): Attribute => type('T', dtype);
export const T_FLOAT = T('float32');
export const TIDX: Attribute = { name: 'Tidx', setting: 'type', value: DT.int32 };

/** An input of the kernel. */
export const input = ({ inputs }: KernelCall, name: string): tf.TensorInfo => inputs[name] as tf.TensorInfo;

/** A handle of the input in another element type. */
export function castTo(b: NativeKernelBackend, info: tf.TensorInfo, dtype: tf.DataType): Handle {
  const handle = b.handleOf(info);
  if (info.dtype === dtype) return handle;
  return b.run('Cast', [handle], [type('SrcT', info.dtype), type('DstT', dtype)]);
}

export interface Padding {
  /** What is put around. Default 0. */
  readonly value?: number;
  /** The element type of what is padded. Default float32. */
  readonly type?: Attribute;
}

/** Pads with a value, (before, after) an axis. */
// oxlint-disable-next-line max-params -- an op with its operands
export function pad(
  b: NativeKernelBackend,
  handle: Handle,
  pads: readonly (readonly [number, number])[],
  { value = 0, type: of = T_FLOAT }: Padding = {},
): Handle {
  const paddings = b.ints(pads.flat(), [pads.length, 2]);
  if (value === 0) return b.run('Pad', [handle, paddings], [of, type('Tpaddings', 'int32')]);
  return b.run('PadV2', [handle, paddings, b.scalar(value)], [of, type('Tpaddings', 'int32')]);
}

export const broadcastShape = (a: readonly number[], b: readonly number[]): number[] =>
  tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b]);
