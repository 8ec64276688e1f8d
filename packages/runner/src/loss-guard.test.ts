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

  it('lets pass what loss scaling has skipped, for a hundred updates in a row', () => {
    const hub = new MessageHub();
    const guard = new LossGuard(hub, 0);
    for (const skipped of [0, 1, 99]) {
      hub.updateScalar('train/loss', Number.NaN);
      guard.check(undefined, skipped);
    }
    hub.updateScalar('train/loss', Number.NaN);
    expect(() => guard.check(undefined, 100)).toThrow(/loss = NaN in iteration 4/);
  });

  it('looks at the norm of gradients too, where the loss is finite', () => {
    const hub = new MessageHub();
    hub.updateScalar('train/grad_norm', Number.NaN); // of an earlier run
    const guard = new LossGuard(hub, 7);
    hub.updateScalar('train/grad_norm', 3);
    guard.check('/a.safetensors');
    hub.updateScalar('train/loss', 1);
    hub.updateScalar('train/grad_norm', Number.POSITIVE_INFINITY);
    expect(() => guard.check('/a.safetensors')).toThrow(
      expect.objectContaining({
        code: 'ENGINE_RUNNER_NON_FINITE_GRADIENT', // two norms, one loss: it does not know the iteration
        received: 'gradNorm = Infinity in update 2 of this call, where the loss was finite',
        action: expect.stringContaining('/a.safetensors'),
      }),
    );
  });

  it('blames the gradients where they went wrong before the loss did, and the loss where it was first', () => {
    const blame = (losses: readonly number[], norms: readonly number[]) => {
      const hub = new MessageHub();
      const guard = new LossGuard(hub, 3);
      for (const loss of losses) hub.updateScalar('train/loss', loss);
      for (const norm of norms) hub.updateScalar('train/grad_norm', norm);
      try {
        guard.check(undefined);
      } catch (error) {
        return (error as { received: string }).received;
      }
      return undefined;
    };
    const { NaN: nan } = Number;
    expect(blame([1, 2, nan], [1, nan, nan])).toBe('gradNorm = NaN in iteration 5, where the loss was finite');
    expect(blame([1, nan, nan], [1, nan, nan])).toBe('loss = NaN in iteration 5');
    expect(blame([1, 1, nan, nan], [1, nan])).toBe('loss = NaN in iteration 6'); // accumulated over two
    expect(blame([1, 2], [1, 2])).toBeUndefined();
  });
});
