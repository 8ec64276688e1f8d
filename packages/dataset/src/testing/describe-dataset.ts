import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset, SampleContext } from '../contract.js';
import { make, type Subject, titleOf } from './make.js';

/** The contract of a dataset. `options` are those of the entry; at most 20 samples are looked at. */
export function describeDataset(subject: Subject<Dataset>, options: object = {}): void {
  describe(`dataset ${titleOf(subject)}`, () => {
    const ctxOf = (index: number): SampleContext => ({ seed: 3, epoch: 1, index });
    let dataset: Dataset;
    let indices: number[];
    const load = async (index: number) => dataset.get(index, ctxOf(index));

    beforeAll(async () => {
      dataset = make('dataset', subject, { options, args: undefined });
      await dataset.init();
      const step = Math.max(1, Math.floor(dataset.length / 20));
      indices = Array.from({ length: Math.min(20, dataset.length) }, (_, i) => i * step);
    });

    it('has samples, and keeps their number when prepared again', async () => {
      const { length } = dataset;
      expect(length).toBeGreaterThan(0);
      expect(Number.isSafeInteger(length)).toBe(true);
      await dataset.init();
      expect(dataset.length).toBe(length);
    });

    it('has metainfo that can be sent elsewhere', () => {
      expect(structuredClone(dataset.metainfo)).toEqual(dataset.metainfo);
    });

    it('gives samples with inputs, as plain data', async () => {
      for (const index of indices) {
        const sample = await dataset.get(index, ctxOf(index));
        if (sample === null) continue;
        expect(sample.inputs).toBeDefined();
        expect(structuredClone(sample)).toEqual(sample);
      }
    });

    it('gives the same sample for the same index and context, in any order', async () => {
      const forwards = await Promise.all(indices.map(load));
      const copies = structuredClone(forwards);
      const backwards = await Promise.all([...indices].reverse().map(load));
      expect(backwards.reverse()).toEqual(copies);
    });

    it('refuses indices that it does not have', async () => {
      for (const index of [-1, dataset.length, 0.5]) {
        await expect(load(index), `index ${index}`).rejects.toBeDefined();
      }
    });
  });
}
