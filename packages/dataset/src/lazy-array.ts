import type { HostArray, HostDType } from '@engine/core/plain';
import type { MakeArray } from './contract.js';
import { zeros } from './zeros.js';

/**
 * An array of which type and shape are known, and the elements not computed yet: what transforms hand on from `defer`, so that the next one
 * can take part in the same pass over the data. Only transforms with `defer` ever see one.
 */
export abstract class LazyArray {
  abstract readonly dtype: HostDType;
  abstract readonly shape: readonly number[];

  /** The array, in memory that `make` gives. May be called more than once. */
  abstract compute(make: MakeArray): HostArray;
}

/** The sample with what is lazy in it computed; the first such array in memory of `row`, where given. The sample itself when nothing is lazy. */
export function settle(sample: Record<string, unknown>, row: MakeArray = zeros): Record<string, unknown> {
  let settled = sample;
  let make = row;
  for (const key in sample) {
    const value = sample[key];
    if (!(value instanceof LazyArray)) continue;
    if (settled === sample) settled = { ...sample };
    settled[key] = value.compute(make);
    make = zeros;
  }
  return settled;
}
