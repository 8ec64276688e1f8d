import { type HostArray, hostArray, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { type LoadOptions, loadable, loadState, readState, type StateSlot } from '../state-dict.js';
import { toDeviceData } from '../upload.js';
import type { Averageable, AveragedModel } from './contract.js';
import { interpolate, shareOf } from './interpolate.js';

/** Options that all averages share. */
export const averagingShape = {
  /** Updates from one averaging to the next; those in between only count. */
  interval: z._default(z.int().check(z.positive()), 1),
  /** Averages buffers such as running statistics too; else they are copied at each update. */
  updateBuffers: z._default(z.boolean(), false),
};

export type AveragingOptions = z.output<z.ZodMiniObject<typeof averagingShape>>;

/** A tensor of the model and what is averaged of it. */
interface Averaged {
  readonly name: string;
  readonly isBuffer: boolean;
  readonly average: tf.Variable;
}

const MODULE = 'module.';

/**
 * Base of averaged weights (MMEngine's class of the same name). A subclass says how far an update moves the averages.
 * Owns one variable for each parameter and buffer, made when first needed; the model stays its owner's.
 */
export abstract class BaseAveragedModel implements AveragedModel {
  readonly interval: number;
  readonly updateBuffers: boolean;
  readonly #source: Averageable | (() => Averageable);
  #averages: readonly Averaged[] | undefined;
  #steps = 0;

  constructor(model: Averageable | (() => Averageable), { interval, updateBuffers }: AveragingOptions) {
    this.#source = model;
    this.interval = interval;
    this.updateBuffers = updateBuffers;
  }

  /** Share of the way from the average to the new value, 0 to 1, at the update after `steps` others. */
  protected abstract weightAt(steps: number): number;
  /** Whether large shares, too, are computed from the average on; see `shareOf`. */
  protected readonly goesForwards: boolean = false;

  get steps(): number {
    return this.#steps;
  }

  get ownedTensors(): number {
    return this.#averages?.length ?? 0;
  }

  updateParameters(model: Averageable = this.#model): void {
    const isDue = this.#steps > 0 && this.#steps % this.interval === 0;
    tensorScope(() => {
      const values = valuesOf(model);
      const share = isDue ? shareOf(this.weightAt(this.#steps), { forwards: this.goesForwards }) : undefined;
      for (const { name, isBuffer, average } of this.#made(values)) {
        const { value } = values.get(name) as Source;
        if ((isBuffer && !this.updateBuffers) || this.#steps === 0) assign(average, value);
        else if (share !== undefined && average.dtype === 'float32')
          tensorScope(() => average.assign(interpolate(average, value, share)));
      }
    });
    this.#steps += 1;
  }

  follow(model: Averageable = this.#model): void {
    if (this.#averages === undefined) return;
    const values = valuesOf(model);
    for (const { name, average } of this.#averages) assign(average, (values.get(name) as Source).value);
  }

  swap(): void {
    if (this.#averages === undefined) return; // they are the model's own so far
    const values = valuesOf(this.#model);
    tensorScope(() => {
      for (const { name, isBuffer, average } of this.#averages ?? []) {
        if (isBuffer && !this.updateBuffers) continue;
        const { value } = values.get(name) as Source;
        const held = average.clone();
        assign(average, value);
        value.assign(held);
      }
    });
  }

  /** Computes with the averages in place of the model's weights, e.g. a teacher's answer: `averaged.use(() => model.apply(x))`. */
  use<T>(fn: () => T): T {
    this.swap();
    try {
      return fn();
    } finally {
      this.swap();
    }
  }

  stateDict(): Promise<Map<string, HostArray>> {
    return readState(this.#slots());
  }

  loadStateDict(state: ReadonlyMap<string, HostArray>, options: LoadOptions = {}): void {
    loadState(this.#slots(), state, options);
  }

  dispose(): void {
    for (const { average } of this.#averages ?? []) average.dispose();
    this.#averages = undefined;
  }

  #slots(): Map<string, StateSlot> {
    const steps: StateSlot = {
      shape: [],
      dtype: 'int64',
      accepts: (given) => loadable.int64.includes(given),
      read: async () => hostArray('int64', [], BigInt64Array.of(BigInt(this.#steps))),
      load: ({ data }) => {
        this.#steps = Number(data[0]);
      },
    };
    const averages = this.#made(valuesOf(this.#model));
    return new Map([
      ['steps', steps],
      ...averages.map(({ name, average }) => [MODULE + name, slotOf(average)] as const),
    ]);
  }

  get #model(): Averageable {
    return typeof this.#source === 'function' ? this.#source() : this.#source;
  }

  /** The averages; at first copies that share the model's data until either is assigned to. */
  #made(values: ReadonlyMap<string, Source>): readonly Averaged[] {
    this.#averages ??= [...values].map(([name, { value, isBuffer }]) => ({
      name,
      isBuffer,
      average: tensorScope(() => tf.variable(value.clone(), false)),
    }));
    return this.#averages;
  }
}

interface Source {
  readonly value: tf.Variable;
  readonly isBuffer: boolean;
}

/** Parameters, then buffers, by name. */
function valuesOf(model: Averageable): ReadonlyMap<string, Source> {
  const values = new Map<string, Source>();
  for (const [name, { value }] of model.namedParameters()) values.set(name, { value, isBuffer: false });
  for (const [name, { value }] of model.namedBuffers?.() ?? []) values.set(name, { value, isBuffer: true });
  return values;
}

/** Lets `target` have the data of `source`; no data is copied, and assigning to either later leaves the other alone. */
function assign(target: tf.Variable, source: tf.Tensor): void {
  tensorScope(() => target.assign(source.clone()));
}

function slotOf(tensor: tf.Variable): StateSlot {
  const isInteger = tensor.dtype === 'int32';
  const dtype = isInteger ? 'int64' : 'float32';
  return {
    shape: tensor.shape,
    dtype,
    accepts: (given) => loadable[dtype].includes(given),
    read: async () => {
      const data = (await tensor.data()).slice();
      if (!isInteger) return hostArray('float32', tensor.shape, data as Float32Array);
      return hostArray(
        'int64',
        tensor.shape,
        BigInt64Array.from(data as Int32Array, (value) => BigInt(value)),
      );
    },
    load: (array) =>
      tensorScope(() => {
        const values = toDeviceData(array, isInteger ? 'int32' : 'float32').slice();
        tensor.assign(tf.tensor(values, [...array.shape], isInteger ? 'int32' : 'float32'));
      }),
  };
}
