import { describe, expect, it } from 'vitest';
import type { Collate, Sample } from '../contract.js';
import { zeros } from '../zeros.js';
import { make, type Subject, titleOf } from './make.js';

/** The contract of a collate function. `samples` must fit into one batch. Give an entry, or a function that returns the collate function. */
export function describeCollate(
  subject: Subject<Collate>,
  { options = {}, samples }: { readonly options?: object; readonly samples: readonly Sample[] },
): void {
  describe(`collate ${titleOf(subject)}`, () => {
    const collate = (): Collate => make('collate', subject, { options, args: undefined });

    it('makes a batch with inputs, of any number of samples', () => {
      for (let size = 1; size <= samples.length; size++)
        expect(collate()(samples.slice(0, size), { zeros }).inputs).toBeDefined();
    });

    it('leaves the samples as they were', () => {
      const before = structuredClone(samples);
      collate()(samples, { zeros });
      expect(samples).toEqual(before);
    });

    it('gives equal batches for equal samples', () => {
      expect(collate()(structuredClone(samples), { zeros })).toEqual(collate()(samples, { zeros }));
    });
  });
}
