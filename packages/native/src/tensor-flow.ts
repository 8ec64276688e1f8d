import { EngineError, sizeOf } from '@engine/core/plain';
import { type CApi, declareCApi } from './c-api.js';
import { type ContextOptions, encodeConfig } from './config-proto.js';
import { BYTES_PER_ELEMENT, DT, dtypeName } from './dtypes.js';
import {
  type CFunction,
  loadFfi,
  memoryCopies,
  memoryTrimmer,
  openForever,
  signalBlocker,
  type WithoutSignals,
} from './ffi.js';
import { type FoundLibrary, libraryPath } from './find-library.js';
import { loadFailed } from './load-failed.js';
import { opError } from './op-errors.js';

/** The address of a `TFE_TensorHandle`: whoever gets one frees it. */
export type Handle = number;

/** An attribute of an op. `setting` says which C type the value becomes. */
export type Attribute =
  | { readonly name: string; readonly setting: 'type' | 'int' | 'float'; readonly value: number }
  | { readonly name: string; readonly setting: 'bool'; readonly value: boolean }
  | { readonly name: string; readonly setting: 'string'; readonly value: string }
  | { readonly name: string; readonly setting: 'ints' | 'shape'; readonly value: BigInt64Array };

export interface Device {
  readonly name: string;
  readonly type: string;
}

export type HostValues = Float32Array | Int32Array | Uint8Array | Uint16Array | BigInt64Array;

interface Loaded {
  readonly c: CApi;
  readonly copies: { readonly toNative: CFunction; readonly toHost: CFunction };
  readonly withoutSignals: WithoutSignals;
  readonly trim: () => void;
  readonly path: string;
}

/** Ops that run what oneDNN has compiled. */
const COMPILED = new Set([
  ...['MatMul', 'BatchMatMulV2', 'Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  ...['Conv3D', 'Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'],
  ...['_MklNativeMaxPool', '_MklNativeMaxPoolGrad', '_MklSoftmax'],
]);

const MAX_OUTPUTS = 4096;
let loaded: Loaded | undefined;

/** The first library stays for the whole process. @throws `ENGINE_NATIVE_NO_FFI`, `ENGINE_NATIVE_LOAD_FAILED`, `ENGINE_NATIVE_NO_C_API` */
function loadLibrary(library: FoundLibrary): Loaded {
  if (loaded !== undefined) return loaded;
  const ffi = loadFfi();
  const path = libraryPath(library);
  try {
    const withoutSignals = signalBlocker(ffi);
    const c = withoutSignals(() => declareCApi(openForever(ffi, path), path));
    loaded = { c, copies: memoryCopies(ffi), withoutSignals, trim: memoryTrimmer(ffi), path };
    return loaded;
  } catch (cause) {
    throw cause instanceof EngineError ? cause : loadFailed(path, cause);
  }
}

const LOG_LEVEL = 'TF_CPP_MIN_LOG_LEVEL';

/** TensorFlow prints notices about the processor when it begins, unless its own variable says otherwise. */
function quietly<T>(begin: () => T): T {
  if (process.env[LOG_LEVEL] !== undefined) return begin();
  process.env[LOG_LEVEL] = '2';
  try {
    return begin();
  } finally {
    delete process.env[LOG_LEVEL];
  }
}

/** Runs ops of a TensorFlow library, one at a time, in an eager context of its own. */
export class TensorFlow {
  readonly version: string;
  readonly devices: readonly Device[];
  /** Where results live: the first GPU, else the CPU. */
  readonly device: Device;
  readonly #c: CApi;
  readonly #copies: Loaded['copies'];
  readonly #withoutSignals: WithoutSignals;
  readonly #trim: () => void;
  readonly #status: number;
  readonly #context: number;
  readonly #outputs = new Uint32Array(2 * MAX_OUTPUTS);
  readonly #count = new Int32Array(1);
  /** Bytes in live tensors, for whoever counts them: an error for want of memory then says how many. */
  liveBytes: (() => number) | undefined;
  #op: number;
  #handles = 0;
  #isOpen = true;

  /** @throws `ENGINE_NATIVE_NO_FFI`, `ENGINE_NATIVE_LOAD_FAILED`, `ENGINE_NATIVE_NO_C_API` */
  constructor(library: FoundLibrary, options: ContextOptions = {}) {
    const { c, copies, withoutSignals, trim, path } = quietly(() => loadLibrary(library));
    this.#c = c;
    this.#copies = copies;
    this.#withoutSignals = withoutSignals;
    this.#trim = trim;
    this.#status = c.newStatus() as number;
    this.version = c.version() as string;
    const config = encodeConfig(options);
    const contextOptions = c.newOptions();
    try {
      if (config.length > 0) c.setConfig(contextOptions, config, config.length, this.#status);
      this.#context = withoutSignals(() => quietly(() => c.newContext(contextOptions, this.#status))) as number;
      if (this.#code() !== 0) throw loadFailed(path, new Error(this.#message()));
    } finally {
      c.deleteOptions(contextOptions);
    }
    this.#op = c.newOp(this.#context, 'NoOp', this.#status) as number;
    this.devices = this.#listDevices();
    this.device =
      this.devices.find(({ type }) => type === 'GPU') ?? (this.devices.find(({ type }) => type === 'CPU') as Device);
  }

  /** How many handles are alive: made here and not freed yet. */
  get liveHandles(): number {
    return this.#handles;
  }

  /** Copies host values into a tensor. `int32` stays on the host, where TensorFlow wants shapes and indices. */
  upload(dtype: number, shape: readonly number[], values: ArrayBufferView): Handle {
    const c = this.#c;
    const bytes = sizeOf(shape) * (BYTES_PER_ELEMENT[dtype] as number);
    const tensor = c.allocate(dtype, BigInt64Array.from(shape, BigInt), shape.length, bytes);
    if (tensor === 0 || tensor === null) throw this.#outOfMemory(dtype, shape);
    if (bytes > 0) this.#copies.toNative(c.data(tensor), values, bytes);
    const handle = c.newHandle(tensor, this.#status) as Handle;
    c.deleteTensor(tensor);
    this.#check('upload', dtype, shape);
    this.#handles++;
    if (this.device.type !== 'GPU' || dtype === DT.int32) return handle;
    const moved = c.toDevice(handle, this.#context, this.device.name, this.#status) as Handle;
    c.deleteHandle(handle);
    this.#check('upload', dtype, shape);
    return moved;
  }

  /** A copy of a tensor's values on the host; waits until they are computed. */
  download(handle: Handle): HostValues {
    const c = this.#c;
    const tensor = c.resolve(handle, this.#status);
    if (this.#code() !== 0) throw this.#failure('read', [handle]);
    const bytes = Number(c.byteSize(tensor));
    const values = hostArrayOf(c.dtype(handle) as number, bytes);
    if (bytes > 0) this.#copies.toHost(values, c.data(tensor), bytes);
    c.deleteTensor(tensor);
    return values;
  }

  /** Runs an op. @throws `ENGINE_NATIVE_OP_FAILED`, `ENGINE_NATIVE_NO_KERNEL`, `ENGINE_NATIVE_OUT_OF_MEMORY` */
  // oxlint-disable-next-line max-params -- called for every op
  execute(name: string, inputs: readonly Handle[], attributes: readonly Attribute[], outputs: number): Handle[] {
    const c = this.#c;
    const op = this.#op;
    const status = this.#status;
    c.resetOp(op, name, null, status);
    if (c.code(status) !== 0) throw this.#failure(name, inputs);
    for (let i = 0; i < inputs.length; i++) c.addInput(op, inputs[i], status);
    for (let i = 0; i < attributes.length; i++) this.#set(attributes[i] as Attribute);
    this.#count[0] = outputs;
    if (COMPILED.has(name)) this.#withoutSignals(() => c.execute(op, this.#outputs, this.#count, status));
    else c.execute(op, this.#outputs, this.#count, status);
    if (c.code(status) !== 0) throw this.#failure(name, inputs);
    const count = this.#count[0] as number;
    this.#handles += count;
    const handles: Handle[] = [];
    for (let i = 0; i < count; i++)
      handles.push((this.#outputs[2 * i] as number) + (this.#outputs[2 * i + 1] as number) * 2 ** 32);
    return handles;
  }

  shapeOf(handle: Handle): number[] {
    const rank = this.#c.rank(handle, this.#status) as number;
    return Array.from({ length: Math.max(rank, 0) }, (_, axis) => Number(this.#c.extent(handle, axis, this.#status)));
  }

  dtypeOf(handle: Handle): number {
    return this.#c.dtype(handle) as number;
  }

  /** Gives a tensor's memory back at once. */
  free(handle: Handle): void {
    if (!this.#isOpen) return;
    this.#handles--;
    this.#c.deleteHandle(handle);
  }

  /** Returns when everything that was started is computed. */
  wait(): void {
    this.#c.wait(this.#context, this.#status);
    if (this.#code() !== 0) throw this.#failure('wait', []);
  }

  /** Forgets prepared kernels, which are made again when wanted, and gives freed host memory back to the system. A GPU's stays with TensorFlow. */
  emptyCache(): void {
    this.#c.clearCaches(this.#context);
    this.#trim();
  }

  /** Ends the context; handles must not be used afterwards. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#c.deleteOp(this.#op);
    this.#c.deleteContext(this.#context);
  }

  #set(attribute: Attribute): void {
    const [c, op] = [this.#c, this.#op];
    const { name, value } = attribute;
    switch (attribute.setting) {
      case 'type':
        c.setType(op, name, value);
        break;
      case 'int':
        c.setInt(op, name, value);
        break;
      case 'float':
        c.setFloat(op, name, value);
        break;
      case 'bool':
        c.setBool(op, name, value === true ? 1 : 0);
        break;
      case 'string':
        c.setString(op, name, value, attribute.value.length);
        break;
      case 'ints':
        c.setInts(op, name, value, attribute.value.length);
        break;
      case 'shape':
        c.setShape(op, name, value, attribute.value.length, this.#status);
        break;
    }
  }

  #code = (): number => this.#c.code(this.#status) as number;
  #message = (): string => this.#c.message(this.#status) as string;

  #listDevices(): Device[] {
    const c = this.#c;
    const list = c.listDevices(this.#context, this.#status);
    const devices = Array.from({ length: c.deviceCount(list) as number }, (_, index) => ({
      name: c.deviceName(list, index, this.#status) as string,
      type: c.deviceType(list, index, this.#status) as string,
    }));
    c.deleteDevices(list);
    return devices;
  }

  #check(op: string, dtype: number, shape: readonly number[]): void {
    const code = this.#code();
    if (code !== 0) throw opError({ op, code, message: this.#message(), inputs: [{ shape, dtype }] });
  }

  /** Reads the status first: asking for the shapes of the inputs overwrites it. An op that failed half-way cannot be reset. */
  #failure(op: string, inputs: readonly Handle[]): Error {
    const [code, message] = [this.#code(), this.#message()];
    const described = inputs.map((handle) => ({ shape: this.shapeOf(handle), dtype: this.dtypeOf(handle) }));
    this.#c.deleteOp(this.#op);
    this.#op = this.#c.newOp(this.#context, 'NoOp', this.#status) as number;
    return opError({ op, code, message, inputs: described, ...this.#live() });
  }

  #outOfMemory(dtype: number, shape: readonly number[]): Error {
    const message = `cannot allocate a ${dtypeName(dtype)} tensor`;
    return opError({ op: 'upload', code: 8, message, inputs: [{ shape, dtype }], ...this.#live() });
  }

  #live(): { readonly liveHandles: number; readonly liveBytes: number | undefined } {
    return { liveHandles: this.#handles, liveBytes: this.liveBytes?.() };
  }
}

function hostArrayOf(dtype: number, bytes: number): HostValues {
  const buffer = new ArrayBuffer(bytes);
  switch (dtype) {
    case DT.float32:
      return new Float32Array(buffer);
    case DT.int32:
      return new Int32Array(buffer);
    case DT.int64:
      return new BigInt64Array(buffer);
    case DT.bfloat16:
    case DT.float16:
      return new Uint16Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}
