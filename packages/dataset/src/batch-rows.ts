import { type HostArray, type HostDType, hostArray, sizeOf } from '@engine/core/plain';
import type { CollateContext, MakeArray } from './contract.js';
import { sameShape } from './same-shape.js';
import { zeros } from './zeros.js';

/**
 * Memory of one batch, whose samples can write into their rows of it before they are stacked. The first array asked for says what the
 * rows are like; one that differs, or a second one for the same sample, gets memory of its own, and is copied when it is stacked.
 */
export class BatchRows implements CollateContext {
  readonly zeros: MakeArray;
  readonly #made: (HostArray | undefined)[];
  #batch: HostArray | undefined;

  /** `make`: for memory of the batch. */
  constructor(size: number, make: MakeArray) {
    this.zeros = make;
    this.#made = Array.from({ length: size }, () => undefined);
  }

  /** For the sample at place `i` of the batch. */
  row(i: number): MakeArray {
    return <D extends HostDType>(dtype: D, shape: readonly number[]) => this.#make(i, dtype, shape);
  }

  #make<D extends HostDType>(i: number, dtype: D, shape: readonly number[]): HostArray<D> {
    this.#batch ??= this.zeros(dtype, [this.#made.length, ...shape]);
    const batch = this.#batch as HostArray<D>;
    if (this.#made[i] !== undefined || batch.dtype !== dtype || !sameShape(batch.shape, shape, 1))
      return zeros(dtype, shape);
    const size = sizeOf(shape);
    const row = hostArray(dtype, shape, batch.data.subarray(i * size, (i + 1) * size) as HostArray<D>['data']);
    this.#made[i] = row;
    return row;
  }

  readonly stacked = (rows: readonly unknown[]): HostArray | undefined => {
    if (rows.length !== this.#made.length || this.#batch === undefined) return undefined;
    for (let i = 0; i < rows.length; i++) if (rows[i] !== this.#made[i]) return undefined;
    return this.#batch;
  };
}
