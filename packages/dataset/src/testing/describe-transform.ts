import { describe, expect, it } from 'vitest';
import type { SampleContext, Transform } from '../contract.js';
import { settle } from '../lazy-array.js';
import { make, type Subject, titleOf } from './make.js';

/** The contract of a transform. `samples` are inputs that it must accept. */
export function describeTransform(
  subject: Subject<Transform>,
  { options = {}, samples }: { readonly options?: object; readonly samples: readonly Record<string, unknown>[] },
): void {
  describe(`transform ${titleOf(subject)}`, () => {
    const transform = (): Transform => make('transform', subject, { options, args: undefined });
    const contexts: SampleContext[] = Array.from({ length: 12 }, (_, index) => ({
      seed: 9,
      epoch: index % 3,
      index,
      stream: '0',
    }));

    it('gives a sample or null', async () => {
      const made = transform();
      for (const sample of samples) {
        for (const ctx of contexts) {
          const result = await made.transform(sample, ctx);
          expect(result === null || (typeof result === 'object' && !Array.isArray(result))).toBe(true);
        }
      }
    });

    it('leaves the sample it was given as it was', async () => {
      const made = transform();
      for (const sample of samples) {
        const before = structuredClone(sample);
        for (const ctx of contexts) await made.transform(sample, ctx);
        expect(sample).toEqual(before);
      }
    });

    it('gives the same when it defers', async () => {
      const made = transform();
      for (const sample of samples) {
        for (const ctx of contexts) {
          const deferred = made.defer === undefined ? undefined : await made.defer(sample, ctx);
          if (deferred === undefined) continue;
          expect(deferred === null ? null : settle(deferred)).toEqual(await made.transform(sample, ctx));
        }
      }
    });

    it('is a function of sample and context: neither order nor earlier calls matter', async () => {
      const [one, other] = [transform(), transform()];
      for (const sample of samples) {
        const forwards = [];
        for (const ctx of contexts) forwards.push(structuredClone(await one.transform(sample, ctx)));
        const backwards = [];
        for (const ctx of [...contexts].reverse())
          backwards.unshift(structuredClone(await other.transform(sample, ctx)));
        expect(backwards).toEqual(forwards);
      }
    });
  });
}
