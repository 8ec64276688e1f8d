import { describe, expect, it } from 'vitest';
import type { Sampler } from '../contract.js';
import { make, type Subject, titleOf } from './make.js';

/** What a sampler is made for in the kit. */
export interface SamplerCase {
  readonly dataset: { readonly length: number };
  readonly seed: number;
  readonly rank: number;
  readonly worldSize: number;
}

/** The contract of a finite sampler: pure in (seed, epoch, rank), as long as it says, in range, and the ranks see every sample together. */
export function describeSampler(
  subject: Subject<Sampler> | ((args: SamplerCase) => Sampler),
  options: object = {},
): void {
  describe(`sampler ${titleOf(subject as Subject<Sampler>)}`, () => {
    const sampler = (args: SamplerCase): Sampler => make('dataSampler', bindArgs(subject, args), { options, args });
    const cases = [1, 2, 7, 30].flatMap((length) =>
      [1, 2, 3].flatMap((worldSize) =>
        Array.from({ length: worldSize }, (_, rank) => ({ dataset: { length }, seed: 5, rank, worldSize })),
      ),
    );

    it('yields as many indices as it says, all of the dataset', () => {
      for (const args of cases) {
        const made = sampler(args);
        const indices = [...made.indices(2)];
        expect(indices).toHaveLength(made.length);
        expect(indices.every((index) => Number.isInteger(index) && index >= 0 && index < args.dataset.length)).toBe(
          true,
        );
      }
    });

    it('is a function of seed, epoch and rank: calls do not depend on earlier ones', () => {
      for (const args of cases) {
        const [one, other] = [sampler(args), sampler(args)];
        for (const epoch of [4, 0]) expect([...one.indices(epoch)]).toHaveLength(one.length);
        for (const epoch of [0, 1, 4]) expect([...one.indices(epoch)]).toEqual([...other.indices(epoch)]);
      }
    });

    it('shows every sample to some rank', () => {
      for (const length of [1, 2, 7, 30]) {
        for (const worldSize of [1, 2, 3]) {
          const ranks = Array.from({ length: worldSize }, (_, rank) =>
            sampler({ dataset: { length }, seed: 5, rank, worldSize }),
          );
          expect(new Set(ranks.flatMap((made) => [...made.indices(1)])).size).toBe(length);
        }
      }
    });
  });
}

function bindArgs(subject: Subject<Sampler> | ((args: SamplerCase) => Sampler), args: SamplerCase): Subject<Sampler> {
  if (typeof subject !== 'function' || 'entry' in subject) return subject as Subject<Sampler>;
  return () => (subject as (args: SamplerCase) => Sampler)(args);
}
