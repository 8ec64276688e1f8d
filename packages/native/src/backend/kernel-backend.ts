import { sizeOf } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { DT, dtypeCode } from '../dtypes.js';
import type { Attribute, Handle, TensorFlow } from '../tensor-flow.js';
import { hasOneDnnOps } from './one-dnn.js';
import { valueOf, variableOf } from './variables.js';

interface Stored {
  /** 0 while there is none: strings never have one. */
  handle: Handle;
  /** The shape under which TensorFlow knows the handle. */
  shape: readonly number[];
  readonly dtype: tf.DataType;
  readonly values: tf.BackendValues | undefined;
  refCount: number;
  /** The values in the precision of the autocast region, once a kernel has asked for them. */
  low?: Handle | undefined;
  /** The resource variable with the same elements, once an op has written over them. */
  variable?: Handle | undefined;
}

export type LowPrecision = 'bfloat16' | 'float16';

/** Constants are small; beyond this many all are forgotten. */
const MAX_CONSTANTS = 2048;

/**
 * TensorFlow.js's backend over a TensorFlow library: tensors are handles, freed at once when TensorFlow.js lets go of them.
 * Kernels run ops with {@link run}; what they do not return is freed when they end.
 */
export class NativeKernelBackend extends tf.KernelBackend {
  readonly runtime: TensorFlow;
  readonly #data: tf.DataStorage<Stored>;
  readonly #constants = new Map<string, Handle>();
  readonly #scratch: Handle[] = [];
  /** Kernels that are running, one within the other. */
  #depth = 0;
  #precision: LowPrecision | undefined;
  #lowered: Stored[] = [];
  #hasOneDnn: boolean | undefined;
  #memory: { readonly key: readonly unknown[]; readonly made: object } | undefined;

  constructor(runtime: TensorFlow) {
    super();
    this.runtime = runtime;
    this.#data = new tf.DataStorage<Stored>(this, tf.engine());
    runtime.liveBytes = () => tf.memory().numBytes;
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  // oxlint-disable-next-line max-params -- TensorFlow.js calls it
  override move(dataId: object, values: tf.BackendValues, shape: number[], dtype: tf.DataType, refCount: number): void {
    const isText = dtype === 'string';
    const handle = isText || values === null ? 0 : this.upload(values as tf.TypedArray, shape, dtype);
    this.#data.set(dataId, { handle, shape, dtype, values: isText ? values : undefined, refCount });
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override readSync(dataId: object): tf.BackendValues {
    const { handle, values } = this.#data.get(dataId);
    return values ?? (this.runtime.download(handle) as tf.TypedArray);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const stored = this.#data.get(dataId);
    stored.refCount--;
    if (!force && stored.refCount > 0) return false;
    if (stored.handle !== 0) this.runtime.free(stored.handle);
    if (stored.variable !== undefined) this.runtime.free(stored.variable);
    this.#forgetLow(stored);
    this.#data.delete(dataId);
    return true;
  }

  override incRef(dataId: object): void {
    this.#data.get(dataId).refCount++;
  }

  decRef(dataId: object): void {
    this.#data.get(dataId).refCount--;
  }

  override refCount(dataId: object): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).refCount : 0;
  }

  override numDataIds(): number {
    return this.#data.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(query: () => void): Promise<tf.BackendTimingInfo> {
    const started = performance.now();
    query();
    this.runtime.wait();
    return { kernelMs: performance.now() - started };
  }

  override dispose(): void {
    this.#forgetConstants();
    this.runtime.close();
  }

  /** The handle of a tensor, under the shape that its user sees. */
  handleOf(info: tf.TensorInfo): Handle {
    const stored = this.#data.get(info.dataId);
    if (!isSameShape(stored.shape, info.shape)) this.#reshape(stored, info.shape);
    return stored.handle;
  }

  /** In `run`, matrix products and convolutions compute in `precision`; tensors stay float32. */
  autocast<T>(precision: LowPrecision, run: () => T): T {
    const [before, outer] = [this.#precision, this.#lowered];
    this.#precision = precision;
    this.#lowered = [];
    try {
      return run();
    } finally {
      for (const stored of this.#lowered) this.#forgetLow(stored);
      this.#precision = before;
      this.#lowered = outer;
    }
  }

  /** The element type in which products of float32 are to be computed. */
  get productType(): Attribute {
    return { name: 'T', setting: 'type', value: this.#precision === undefined ? DT.float32 : DT[this.#precision] };
  }

  /** A factor of a product, in the precision of {@link productType}; a tensor is converted once a region. */
  factorOf(info: tf.TensorInfo): Handle {
    const handle = this.handleOf(info);
    if (this.#precision === undefined || info.dtype !== 'float32') return handle;
    const stored = this.#data.get(info.dataId);
    if (stored.low === undefined) {
      stored.low = this.#convert(handle, DT.float32, DT[this.#precision]);
      this.#lowered.push(stored);
    }
    return stored.low;
  }

  /** A product of factors, in float32 again. */
  raise(handle: Handle): Handle {
    if (this.#precision === undefined) return handle;
    const raised = this.#convert(handle, DT[this.#precision], DT.float32);
    this.#scratch.push(raised);
    return raised;
  }

  /** The same elements under another shape: another reference, no copy. */
  alias(info: tf.TensorInfo, shape: number[] = info.shape): tf.TensorInfo {
    this.incRef(info.dataId);
    return { dataId: info.dataId, shape, dtype: info.dtype };
  }

  /** Runs an op with one output, which is freed when the kernel ends unless {@link keep} takes it. */
  run(op: string, inputs: readonly Handle[], attributes: readonly Attribute[]): Handle {
    const [handle] = this.runtime.execute(op, inputs, attributes, 1) as [Handle];
    this.#scratch.push(handle);
    return handle;
  }

  /** Runs an op for what it does to variables. */
  run0(op: string, inputs: readonly Handle[], attributes: readonly Attribute[]): void {
    this.runtime.execute(op, inputs, attributes, 0);
  }

  /** Handles made of values that the last call had too: kernels that are called for one parameter after the other share them. */
  remembered<T extends object>(key: readonly unknown[], make: () => T): T {
    const known = this.#memory;
    if (known?.key.every((each, i) => each === key[i]) === true) return known.made as T;
    const made = make();
    for (const handle of Object.values(known?.made ?? {})) this.runtime.free(handle as Handle);
    for (const handle of Object.values(made)) this.#scratch[this.#scratch.lastIndexOf(handle as Handle)] = 0;
    this.#memory = { key, made };
    return made;
  }

  /** As {@link run}, with several outputs. */
  runMany(op: string, inputs: readonly Handle[], attributes: readonly Attribute[], outputs: number): Handle[] {
    const handles = this.runtime.execute(op, inputs, attributes, outputs);
    this.#scratch.push(...handles);
    return handles;
  }

  /** Makes a handle that `run` has returned an output of the kernel. */
  keep(handle: Handle, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    this.#scratch[this.#scratch.lastIndexOf(handle)] = 0;
    return this.#store(handle, shape, dtype);
  }

  /** Runs an op whose output is the kernel's. */
  // oxlint-disable-next-line max-params -- called for every op
  output(
    op: string,
    inputs: readonly Handle[],
    attributes: readonly Attribute[],
    shape: readonly number[],
    dtype: tf.DataType,
  ): tf.TensorInfo {
    const [handle] = this.runtime.execute(op, inputs, attributes, 1) as [Handle];
    return this.#store(handle, shape, dtype);
  }

  /**
   * Lets an op update resource variables with the elements of tensors, and gives what became of these: in the place of the old ones where
   * nobody else has them, otherwise in new tensors.
   */
  updated(infos: readonly tf.TensorInfo[], update: (variables: readonly Handle[]) => void): tf.TensorInfo[] {
    const places = infos.map((info) => {
      const handle = this.handleOf(info);
      const stored = this.#data.get(info.dataId);
      const isAlone = stored.refCount === 1;
      const variable = (isAlone ? stored.variable : undefined) ?? variableOf(this.runtime, handle, info.shape);
      if (!isAlone) return { info, variable, stored: undefined };
      this.runtime.free(handle); // else the op would copy what it updates
      this.#forgetLow(stored);
      stored.variable = variable;
      stored.handle = 0;
      return { info, variable, stored };
    });
    try {
      update(places.map(({ variable }) => variable));
    } finally {
      for (const { variable, stored } of places)
        if (stored !== undefined) stored.handle = valueOf(this.runtime, variable);
    }
    return places.map(({ info, variable, stored }) => {
      if (stored !== undefined) return this.alias(info);
      this.#scratch.push(variable);
      return this.#store(valueOf(this.runtime, variable), info.shape, info.dtype);
    });
  }

  /** Whether what oneDNN adds to TensorFlow under names of its own is there; it knows the CPU only. */
  get hasOneDnn(): boolean {
    this.#hasOneDnn ??= this.runtime.device.type === 'CPU' && hasOneDnnOps(this.runtime);
    return this.#hasOneDnn;
  }

  /** Calls a kernel and frees what it leaves behind. */
  during<T>(compute: () => T): T {
    const from = this.#scratch.length;
    if (this.#depth === 0 && this.#constants.size >= MAX_CONSTANTS) this.#forgetConstants();
    this.#depth++;
    try {
      return compute();
    } finally {
      this.#depth--;
      for (let i = from; i < this.#scratch.length; i++) {
        const handle = this.#scratch[i] as Handle;
        if (handle !== 0) this.runtime.free(handle);
      }
      this.#scratch.length = from;
    }
  }

  /** An int32 constant, kept for the next kernel that needs it. */
  ints(values: readonly number[], shape: readonly number[] = [values.length]): Handle {
    return this.#constant(`i${shape.join()}:${values.join()}`, () =>
      this.runtime.upload(DT.int32, shape, Int32Array.from(values)),
    );
  }

  /** An int32 scalar constant. */
  int(value: number): Handle {
    return this.ints([value], []);
  }

  /** A scalar constant of an element type. */
  scalar(value: number, dtype: tf.DataType = 'float32'): Handle {
    return this.#constant(`${dtype}:${value}`, () => this.upload(typedArrayOf([value], dtype), [], dtype));
  }

  /** A float32 constant of several elements. */
  floats(values: readonly number[], shape: readonly number[]): Handle {
    return this.#constant(`f${shape.join()}:${values.join()}`, () =>
      this.runtime.upload(DT.float32, shape, Float32Array.from(values)),
    );
  }

  upload(values: tf.TypedArray, shape: readonly number[], dtype: tf.DataType): Handle {
    return this.runtime.upload(dtypeCode(dtype), shape, typedArrayOf(values, dtype));
  }

  /** The values of a tensor on the host. */
  valuesOf(info: tf.TensorInfo): tf.TypedArray {
    return this.readSync(info.dataId) as tf.TypedArray;
  }

  /** A tensor of host values. */
  fromHost(values: tf.TypedArray, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    return this.#store(this.upload(values, shape, dtype), shape, dtype);
  }

  #store(handle: Handle, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    this.#data.set(dataId, { handle, shape, dtype, values: undefined, refCount: 1 });
    return { dataId, shape: shape as number[], dtype };
  }

  #reshape(stored: Stored, shape: readonly number[]): void {
    const [handle] = this.runtime.execute(
      'Reshape',
      [stored.handle, this.ints(shape)],
      [
        { name: 'T', setting: 'type', value: dtypeCode(stored.dtype) },
        { name: 'Tshape', setting: 'type', value: DT.int32 },
      ],
      1,
    ) as [Handle];
    this.#scratch.push(stored.handle); // another input of the same kernel may be these elements under the old shape
    if (stored.low !== undefined) this.#scratch.push(stored.low);
    stored.low = undefined;
    stored.handle = handle;
    stored.shape = shape;
  }

  #convert(handle: Handle, from: number, to: number): Handle {
    const attributes: Attribute[] = [
      { name: 'SrcT', setting: 'type', value: from },
      { name: 'DstT', setting: 'type', value: to },
    ];
    return (this.runtime.execute('Cast', [handle], attributes, 1) as [Handle])[0];
  }

  #forgetLow(stored: Stored): void {
    if (stored.low !== undefined) this.runtime.free(stored.low);
    stored.low = undefined;
  }

  #constant(key: string, make: () => Handle): Handle {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const handle = make();
    this.#constants.set(key, handle);
    return handle;
  }

  #forgetConstants(): void {
    for (const handle of this.#constants.values()) this.runtime.free(handle);
    this.#constants.clear();
  }
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** As TensorFlow wants them: one byte for a bool, four for the others. */
function typedArrayOf(values: tf.TypedArray | readonly number[], dtype: tf.DataType): tf.TypedArray {
  const Type = dtype === 'int32' ? Int32Array : dtype === 'bool' ? Uint8Array : Float32Array;
  return values instanceof Type ? values : Type.from(values as ArrayLike<number>);
}

/** Number of elements. */
export const countOf = (info: tf.TensorInfo): number => sizeOf(info.shape);
