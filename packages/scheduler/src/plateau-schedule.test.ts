import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ReduceOnPlateauLR,
  type ReduceOnPlateauLROptions,
  ReduceOnPlateauMomentum,
  ReduceOnPlateauParamScheduler,
} from './index.js';

const code = (reason: string) => expect.objectContaining({ code: reason });
const target = (...rates: number[]) => ({ paramGroups: rates.map((lr) => ({ lr, params: [] })) });

/** The rate after each epoch of a run that measures these losses. */
function trace(losses: readonly number[], options: ReduceOnPlateauLROptions): number[] {
  const optimizer = target(1);
  const scheduler = new ReduceOnPlateauLR(optimizer, options);
  return losses.map((loss) => {
    scheduler.step();
    scheduler.step({ loss });
    return optimizer.paramGroups[0]?.lr as number;
  });
}

describe('ReduceOnPlateauLR', () => {
  it('lowers the rate when the metric has not improved for more than patience validations', () => {
    expect(trace([10, 9, 8, 7, 6, 6, 6, 6, 6], { patience: 2 })).toEqual([1, 1, 1, 1, 1, 1, 1, 0.1, 0.1]);
  });

  it('makes no step when it is made, and none outside its window', () => {
    expect(trace([1, 1, 1, 1, 1, 1], { patience: 0, begin: 3, end: 5, factor: 0.5 })).toEqual([1, 1, 1, 0.5, 0.5, 0.5]);
  });

  it('waits after a reduction for the cooldown', () => {
    expect(trace([1, 1, 1, 1, 1], { patience: 0, cooldown: 2, factor: 0.5 })).toEqual([1, 0.5, 0.5, 0.5, 0.25]);
  });

  it.each<[ReduceOnPlateauLROptions, number, boolean]>([
    [{ rule: 'less', threshold: 0.1, thresholdRule: 'rel' }, 0.91, false],
    [{ rule: 'less', threshold: 0.1, thresholdRule: 'rel' }, 0.89, true],
    [{ rule: 'less', threshold: 0.5, thresholdRule: 'abs' }, 0.51, false],
    [{ rule: 'less', threshold: 0.5, thresholdRule: 'abs' }, 0.49, true],
    [{ rule: 'greater', threshold: 0.1, thresholdRule: 'rel' }, 1.09, false],
    [{ rule: 'greater', threshold: 0.1, thresholdRule: 'rel' }, 1.11, true],
    [{ rule: 'greater', threshold: 0.5, thresholdRule: 'abs' }, 1.49, false],
    [{ rule: 'greater', threshold: 0.5, thresholdRule: 'abs' }, 1.51, true],
  ])('%j: after 1, %d is an improvement: %s', (options, second, isBetter) => {
    expect(trace([1, second], { ...options, patience: 0 })[1]).toBe(isBetter ? 1 : 0.1);
  });

  it('never goes below the minimum of a group, nor moves by less than eps', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 30 }), (losses) => {
        const optimizer = target(1, 2);
        const scheduler = new ReduceOnPlateauLR(optimizer, { patience: 0, minValue: [0.02, 0.5], eps: 1e-3 });
        for (const loss of losses) scheduler.step({ loss });
        expect(optimizer.paramGroups[0]?.lr).toBeGreaterThanOrEqual(0.02);
        expect(optimizer.paramGroups[1]?.lr).toBeGreaterThanOrEqual(0.5);
      }),
    );
    const still = target(1e-9);
    const scheduler = new ReduceOnPlateauLR(still, { patience: 0 });
    for (let i = 0; i < 3; i++) scheduler.step({ loss: 1 });
    expect(still.paramGroups[0]?.lr).toBe(1e-9);
  });

  it('takes minima for the optimizer groups, also of a wrapper that has added one', () => {
    const [a, b, base] = [{ lr: 1 }, { lr: 1 }, { lr: 1 }];
    const wrapper = { optimizer: { paramGroups: [a, b] }, paramGroups: [a, b, base] };
    const scheduler = new ReduceOnPlateauLR(wrapper, { minValue: [0.1, 0.2] });
    expect(scheduler.stateDict()).toMatchObject({ minValues: [0.1, 0.2, 0.2] });
    expect(() => new ReduceOnPlateauLR(wrapper, { minValue: [0.1, 0.2, 0.3] })).toThrow(
      code('ENGINE_SCHEDULER_GROUP_COUNT'),
    );
  });

  it('lowers momentum, the first beta and any other field', () => {
    const groups = [{ lr: 1, betas: [0.8, 0.99], weightDecay: 0.1, params: [] }];
    const momentum = new ReduceOnPlateauMomentum({ paramGroups: groups }, { patience: 0, factor: 0.5 });
    const decay = new ReduceOnPlateauParamScheduler(
      { paramGroups: groups },
      { paramName: 'weightDecay', patience: 0, factor: 0.5 },
    );
    for (const scheduler of [momentum, decay]) for (let i = 0; i < 2; i++) scheduler.step({ loss: 1 });
    expect(groups).toMatchObject([{ lr: 1, betas: [0.4, 0.99], weightDecay: 0.05 }]);
  });
});

describe('misuse', () => {
  it('names the metrics that there are with ENGINE_SCHEDULER_NO_METRIC', () => {
    const scheduler = new ReduceOnPlateauLR(target(1), { monitor: 'val_loss' });
    expect(() => scheduler.step({ 'accuracy/top1': 1, 'accuracy/top5': 2 })).toThrow(
      code('ENGINE_SCHEDULER_NO_METRIC'),
    );
    expect(() => scheduler.step({ 'accuracy/top1': 1, 'accuracy/top5': 2 })).toThrow(
      /one of accuracy\/top1, accuracy\/top5/,
    );
    expect(() => scheduler.step({})).toThrow(/a validation that measures something/);
    expect(() => new ReduceOnPlateauLR(target(1), { monitor: 'toString' }).step({ loss: 1 })).toThrow(
      code('ENGINE_SCHEDULER_NO_METRIC'),
    );
  });

  it.each([
    ['ENGINE_SCHEDULER_NEEDS_EPOCHS', () => new ReduceOnPlateauLR(target(1), { byEpoch: false })],
    [
      'ENGINE_SCHEDULER_NEEDS_EPOCHS',
      () => new ReduceOnPlateauLR(target(1), { convertToIterBased: true, epochLength: 3 }),
    ],
    ['ENGINE_SCHEDULER_BAD_WINDOW', () => new ReduceOnPlateauLR(target(1), { begin: 2, end: 2 })],
    ['ENGINE_SCHEDULER_NO_INITIAL', () => new ReduceOnPlateauLR(target(1), { lastStep: 2 })],
    ['ENGINE_SCHEDULER_NO_FIELD', () => new ReduceOnPlateauParamScheduler(target(1), { paramName: 'momentum' })],
    ['ENGINE_SCHEDULER_BAD_METRICS', () => new ReduceOnPlateauLR(target(1)).step(3 as never)],
  ])('%s', (reason, misuse) => {
    expect(misuse).toThrow(code(reason));
  });

  it.each([{ factor: 1 }, { threshold: -1 }, { rule: 'min' as 'less' }, { thresholdRule: 'x' as 'rel' }])(
    'refuses %j',
    (options) => {
      expect(() => new ReduceOnPlateauLR(target(1), options)).toThrow(
        expect.objectContaining({ code: 'ENGINE_REGISTRY_BAD_OPTION_VALUE' }),
      );
    },
  );
});
