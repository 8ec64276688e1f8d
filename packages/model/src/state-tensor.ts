import { type HostArray, type HostDType, hostArray, TorchGenerator } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from './errors.js';
import { loadable, type StateSlot } from './state-dict.js';
import { toDeviceData } from './upload.js';

/** Values of a whole parameter or buffer, in our memory order. */
export type Values = Float32Array | Int32Array;

/**
 * A named tensor of a module that outlives steps. Lazy: modules are constructed before a backend is ready, so values stay on the
 * host, drawn or loaded, until `value` is first asked for; then the device variable is the only copy.
 */
export abstract class StateTensor implements StateSlot {
  readonly shape: readonly number[];
  /** Last part of the state name, where it differs from the field's name: `running_mean`. */
  readonly stateName: string | undefined;
  #place: { readonly root: object; readonly name: string } | undefined;
  #pending: Values | undefined;
  #variable: tf.Variable | undefined;
  #disposed = false;
  #isSet = false;
  #version = 0;
  /** While true, draws and loads leave the values alone; draws still take as much from their generator. */
  isPinned = false;

  protected constructor(shape: readonly number[], stateName: string | undefined) {
    this.shape = shape;
    this.stateName = stateName;
  }

  protected abstract readonly deviceDtype: 'float32' | 'int32';
  protected abstract readonly hostDtype: 'float32' | 'int64';
  protected abstract readonly isTrainable: boolean;
  protected abstract draw(generator: TorchGenerator): Values;

  /** Dotted path from the outermost module that has listed it; empty before. */
  get name(): string {
    return this.#place?.name ?? '';
  }

  /** Called by walks; an inner module's walk does not rename what an outer one has named. */
  placeIn(root: object, name: string, inner: ReadonlySet<object>): void {
    if (this.#place === undefined || inner.has(this.#place.root)) this.#place = { root, name };
  }

  /**
   * The device variable, made on first use. Owned by the module; replaced in place with `assign`.
   * @throws `ENGINE_MODEL_DISPOSED`
   */
  get value(): tf.Variable {
    return this.#variable ?? this.#upload();
  }

  /** True once values were loaded or drawn from a given generator, as opposed to a fresh random one. */
  get isSet(): boolean {
    return this.#isSet;
  }

  /** How often values were loaded or drawn that differ from those before. */
  get version(): number {
    return this.#version;
  }

  /** Draws initial values anew, as PyTorch's constructor of the owner does. */
  initialize(generator: TorchGenerator): void {
    this.replaceValues(this.draw(generator));
  }

  /** New initial values, as PyTorch's constructor of the owner draws them; nothing changes. */
  drawn(generator: TorchGenerator): Values {
    return this.draw(generator);
  }

  /** Copies values in; shape and element type must fit (`loadStateDict` checks them). */
  load(source: HostArray): void {
    this.replaceValues(toDeviceData(source, this.deviceDtype).slice());
  }

  /** Element type in checkpoints. */
  get dtype(): 'float32' | 'int64' {
    return this.hostDtype;
  }

  /** Whether an array of this element type can be loaded. */
  accepts(dtype: HostDType): boolean {
    return loadable[this.hostDtype].includes(dtype);
  }

  /** A copy of the values on the host, as of this call. */
  async read(): Promise<HostArray> {
    const values =
      this.#variable === undefined ? this.#hostValues().slice() : ((await this.#variable.data()).slice() as Values);
    if (this.hostDtype === 'int64')
      return hostArray(
        'int64',
        this.shape,
        BigInt64Array.from(values, (value) => BigInt(value)),
      );
    return hostArray('float32', this.shape, values as Float32Array);
  }

  dispose(): void {
    this.#variable?.dispose();
    this.#variable = undefined;
    this.#pending = undefined;
    this.#disposed = true;
  }

  protected setVariableTrainable(trainable: boolean): void {
    if (this.#variable !== undefined) this.#variable.trainable = trainable;
  }

  /** Starts over with these values, which the tensor keeps; a pinned one stays as it is. */
  replaceValues(values: Values): void {
    this.#checkAlive();
    if (this.isPinned) return;
    const before = this.#pending;
    if (before === undefined || values.some((value, i) => value !== before[i])) this.#version += 1;
    this.#isSet = true;
    if (this.#variable === undefined) {
      this.#pending = values;
      return;
    }
    const tensor = tf.tensor(values, [...this.shape], this.deviceDtype);
    this.#variable.assign(tensor);
    tensor.dispose();
  }

  #hostValues(): Values {
    this.#checkAlive();
    this.#pending ??= this.draw(new TorchGenerator(Math.floor(Math.random() * 2 ** 32)));
    return this.#pending;
  }

  #upload(): tf.Variable {
    const initial = tf.tensor(this.#hostValues(), [...this.shape], this.deviceDtype);
    this.#variable = tf.variable(initial, this.isTrainable);
    initial.dispose();
    this.#pending = undefined;
    return this.#variable;
  }

  #checkAlive(): void {
    if (!this.#disposed) return;
    throw modelErrors.DISPOSED({
      subject: this.name,
      expected: 'a model in use',
      received: `a tensor (${this.shape.join(', ')}) of a disposed model`,
      action: 'dispose the model after its last use, or build a new one',
    });
  }
}
