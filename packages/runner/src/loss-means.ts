import { type Communicator, DeviceScalar } from '@engine/core';
import type { HostBatch } from '@engine/model';
import type * as tf from '@tensorflow/tfjs-core';

/** Values that wait on the device before they are read back together. */
const PENDING = 32;

interface Pending {
  readonly name: string;
  readonly value: DeviceScalar;
  readonly samples: number;
}

/** Losses of the batches of an evaluation, averaged over their samples. Owns what it has not read back. */
export class LossMeans {
  readonly #sums = new Map<string, { total: number; samples: number }>();
  #pending: Pending[] = [];

  /** Takes ownership of the losses of a batch. */
  async add(losses: Readonly<Record<string, tf.Tensor>>, batch: HostBatch): Promise<void> {
    const samples = samplesOf(batch);
    for (const [name, tensor] of Object.entries(losses))
      this.#pending.push({ name, value: new DeviceScalar(tensor), samples });
    if (this.#pending.length >= PENDING) await this.#read();
  }

  /** The means by name, over the batches of all ranks. Empties everything. */
  async take(communicator: Communicator): Promise<Record<string, number>> {
    await this.#read();
    const entries = [...this.#sums];
    this.#sums.clear();
    const sums = await communicator.allReduce(
      Float64Array.from(entries.flatMap(([, { total, samples }]) => [total, samples])),
    );
    return Object.fromEntries(
      entries.map(([name], index) => [name, (sums[2 * index] as number) / (sums[2 * index + 1] as number)]),
    );
  }

  dispose(): void {
    for (const { value } of this.#pending.splice(0)) value.dispose();
  }

  async #read(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    try {
      const numbers = await Promise.all(pending.map(({ value }) => value.read()));
      for (const [index, { name, samples }] of pending.entries()) {
        const sum = this.#sums.get(name) ?? { total: 0, samples: 0 };
        sum.total += (numbers[index] as number) * samples;
        sum.samples += samples;
        this.#sums.set(name, sum);
      }
    } finally {
      for (const { value } of pending) value.dispose();
    }
  }
}

function samplesOf({ inputs }: HostBatch): number {
  return 'shape' in inputs ? (inputs.shape[0] ?? 1) : inputs.length;
}
