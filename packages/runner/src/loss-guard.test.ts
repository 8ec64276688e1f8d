import { MessageHub } from '@engine/logging';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LossGuard } from './loss-guard.js';

/** Records losses and checks after each group; the iteration that is blamed, or undefined. */
function blamed(
  groups: readonly (readonly number[])[],
  { before = [] as readonly number[], iter = 0 } = {},
): number | undefined {
  const hub = new MessageHub();
  for (const loss of before) hub.updateScalar('train/loss', loss);
  const guard = new LossGuard(hub, iter);
  for (const group of groups) {
    for (const loss of group) hub.updateScalar('train/loss', loss);
    try {
      guard.check(undefined);
    } catch (error) {
      return Number(/iteration (\d+)/.exec((error as { received: string }).received)?.[1]);
    }
  }
  return undefined;
}

describe('the loss guard', () => {
  it('is silent without losses, and with finite ones', () => {
    expect(blamed([])).toBeUndefined();
    expect(blamed([[], [1, 2], [3]])).toBeUndefined();
    expect(blamed([[1e308, 1e308]])).toBeUndefined();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'names the first iteration whose loss was %d, also when later ones are finite',
    (bad) => {
      expect(blamed([[1, 2], [3, bad, 4, bad], [5]])).toBe(4);
    },
  );

  it('counts from the iteration at which a resumed run began', () => {
    expect(blamed([[1, Number.NaN]], { before: [5, 6, 7], iter: 3 })).toBe(5);
    expect(blamed([[1, Number.NaN]], { before: [], iter: 100 })).toBe(102);
  });

  it('does not complain of what was there before', () => {
    expect(blamed([[1]], { before: [Number.NaN], iter: 1 })).toBeUndefined();
  });

  it('finds any bad loss however values arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: 6 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.nat(),
        (groups, at) => {
          const total = groups.flat().length;
          if (total === 0) return true;
          let count = 0;
          const spoilt = groups.map((group) => group.map((loss) => (count++ === at % total ? Number.NaN : loss)));
          return blamed(spoilt) === (at % total) + 1 && blamed(groups) === undefined;
        },
      ),
    );
  });
});
