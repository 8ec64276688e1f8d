import { cpu } from '@engine/backend-cpu';
import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EarlyStoppingHook, type EarlyStoppingHookOptions } from './early-stopping-hook.js';
import { makeTestRun } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

let run: TestRun;
afterEach(() => run.close());

/** How many validations it takes until the hook stops; undefined when it does not. */
function stopsAfter(
  options: EarlyStoppingHookOptions,
  scores: readonly number[],
  hook = new EarlyStoppingHook(options),
) {
  run = makeTestRun();
  hook.beforeTrain(run);
  for (const [i, score] of scores.entries()) {
    hook.afterValEpoch(run, { metrics: { [options.monitor]: score } });
    if (run.stopReason !== undefined) return i + 1;
  }
  return undefined;
}

describe('EarlyStoppingHook', () => {
  it.each<[EarlyStoppingHookOptions, number[], number | undefined]>([
    // what the reference pins: stops in epoch 6
    [{ monitor: 'acc', minDelta: 1, patience: 3 }, [90, 91, 92, 88, 89, 90, 91], 6],
    [{ monitor: 'acc', minDelta: 1, patience: 3 }, [90, 91, 92, 93, 94, 95], undefined],
    // a gain of exactly minDelta counts, a smaller one does not move the best
    [{ monitor: 'acc', minDelta: 0.5, patience: 2 }, [1, 1.25, 1.5, 1.75, 1.75], 5],
    [{ monitor: 'loss', minDelta: 0.1, patience: 2 }, [1, 0.8, 0.75, 0.75], 4],
    [{ monitor: 'recall', rule: 'greater', minDelta: 0, patience: 0 }, [1, 2, 2], undefined],
    [{ monitor: 'recall', rule: 'greater', minDelta: 0, patience: 0 }, [1, 2, 1.9], 3],
    [{ monitor: 'acc', patience: 9, stoppingThreshold: 0.9 }, [0.5, 0.9, 0.91], 3],
    [{ monitor: 'loss', patience: 9, stoppingThreshold: 0.1 }, [0.5, 0.1, 0.09], 3],
    [{ monitor: 'loss', patience: 9 }, [0.5, Number.NaN], 2],
    [{ monitor: 'loss', patience: 9 }, [0.5, Number.POSITIVE_INFINITY], 2],
    [{ monitor: 'loss', patience: 2, checkFinite: false }, [0.5, Number.POSITIVE_INFINITY, 0.1], undefined],
  ])('%j stops at the right of %j', (options, scores, expected) => {
    expect(stopsAfter(options, scores)).toBe(expected);
  });

  it('says why', () => {
    stopsAfter({ monitor: 'acc', minDelta: 1, patience: 1 }, [5, 5]);
    expect(run.logged).toEqual(['Early stopping: acc did not get better than 5 in 1 validation.']);
    expect(run.stopReason).toBe(run.logged[0]);
  });

  it('warns about a metric that is missing, or throws when it is strict', () => {
    run = makeTestRun();
    new EarlyStoppingHook({ monitor: 'acc' }).afterValEpoch(run, { metrics: { loss: 1 } });
    expect(run.logged).toEqual([
      'WARNING Early stopping is passed over: validation returned no number acc, only loss.',
    ]);
    const strict = new EarlyStoppingHook({ monitor: 'acc', strict: true });
    expect(() => strict.afterValEpoch(run, { metrics: { loss: 1 } })).toThrow('ENGINE_HOOKS_METRIC_MISSING');
  });

  it('needs to know what is better', () => {
    run = makeTestRun();
    expect(() => new EarlyStoppingHook({ monitor: 'recall' })).toThrow(/ENGINE_HOOKS_NO_RULE[^]*monitor = "recall"/);
    expect(() => new EarlyStoppingHook({ monitor: 'acc', rule: 'bigger' as never })).toThrow('ENGINE_REGISTRY_');
    expect(() => new EarlyStoppingHook({ monitor: 'acc', minDelta: -1 })).toThrow('ENGINE_REGISTRY_');
  });

  it('does nothing where nothing is trained', () => {
    run = makeTestRun();
    const alone = Object.create(run, { trainLoop: { value: undefined } }) as TestRun;
    new EarlyStoppingHook({ monitor: 'acc', strict: true }).afterValEpoch(alone, { metrics: { loss: 1 } });
    expect(run.logged).toEqual([]);
  });

  it('stops at the same validation when it is killed and resumed after any of them', async () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(scores, fc.nat(10), fc.nat(3), async (all, at, patience) => {
        const options = { monitor: 'acc', minDelta: 0.1, patience };
        const whole = stopsAfter(options, all);
        await run.close();
        const cut = Math.min(at, all.length - 1, (whole ?? all.length) - 1);
        const first = new EarlyStoppingHook(options);
        stopsAfter(options, all.slice(0, cut), first);
        await run.close();
        const second = new EarlyStoppingHook(options);
        second.loadStateDict(first.stateDict());
        const rest = stopsAfter(options, all.slice(cut), second);
        await run.close();
        expect(rest === undefined ? undefined : rest + cut).toBe(whole);
      }),
      { numRuns: 60 },
    );
    run = makeTestRun();
  });

  it('has counted a validation in a checkpoint that is saved before its own turn', () => {
    run = makeTestRun();
    const options = { monitor: 'acc', minDelta: 1, patience: 1 };
    const hook = new EarlyStoppingHook(options);
    hook.beforeTrain(run);
    run.lastMetrics = { acc: 5 };
    hook.afterValEpoch(run, { metrics: run.lastMetrics });
    run.lastMetrics = { acc: 5.5 };
    const saved = hook.stateDict();
    expect(saved.values).toEqual({ best: 5, wait: 1, final: null });
    hook.afterValEpoch(run, { metrics: run.lastMetrics });
    expect(hook.stateDict()).toEqual(saved);
    const resumed = makeTestRun();
    const again = new EarlyStoppingHook(options);
    again.loadStateDict(saved);
    again.beforeTrain(resumed);
    expect(resumed.stopReason).toBe('Early stopping: acc did not get better than 5 in 1 validation.');
    return resumed.close();
  });
});
