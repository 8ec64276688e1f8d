import { describe, expect, it } from 'vitest';
import { OneCycleLR, type OneCycleLROptions, OneCycleParamScheduler } from './index.js';

const code = (reason: string) => expect.objectContaining({ code: reason });
const target = (groups = 1) => ({
  paramGroups: Array.from({ length: groups }, () => ({ lr: 0.3, params: [] })) as {
    lr: number;
    [field: string]: unknown;
  }[],
});

function trace(options: OneCycleLROptions, steps: number): number[] {
  const optimizer = target();
  const scheduler = new OneCycleLR(optimizer, options);
  const rates = [optimizer.paramGroups[0]?.lr as number];
  for (let step = 1; step < steps; step++) {
    scheduler.step();
    rates.push(optimizer.paramGroups[0]?.lr as number);
  }
  return rates;
}

describe('OneCycleLR', () => {
  it.each<[OneCycleLROptions, number[]]>([
    [{ etaMax: 25, annealStrategy: 'linear', finalDivFactor: 2 }, [1, 13, 25, 21.5, 18, 14.5, 11, 7.5, 4, 0.5]],
    [
      { etaMax: 25, annealStrategy: 'linear', pctStart: 0.4, finalDivFactor: 4, threePhase: true },
      [1, 9, 17, 25, 17, 9, 1, 0.75, 0.5, 0.25],
    ],
    [{ etaMax: 1 }, [0.04, 0.52, 1, 0.95048463, 0.81174565, 0.61126202, 0.38874198, 0.18825835, 0.04951937, 4e-6]],
  ])('goes through its phases: %j', (options, expected) => {
    const near = expected.map((value) => expect.closeTo(value, 7));
    expect(trace({ ...options, totalSteps: 10 }, 10)).toEqual(near);
    expect(trace({ ...options, end: 10 }, 10)).toEqual(near);
  });

  it('takes a peak for each group, and says so where the numbers differ', () => {
    const optimizer = target(2);
    new OneCycleLR(optimizer, { etaMax: [1, 2], totalSteps: 10 });
    expect(optimizer.paramGroups).toMatchObject([
      { lr: expect.closeTo(0.04, 12), initialLr: 0.04, maxLr: 1 },
      { lr: expect.closeTo(0.08, 12), initialLr: 0.08, maxLr: 2 },
    ]);
    expect(() => new OneCycleLR(target(2), { etaMax: [1, 2, 3], totalSteps: 10 })).toThrow(
      code('ENGINE_SCHEDULER_GROUP_COUNT'),
    );
  });

  it('counts its steps in iterations once converted', () => {
    const converted = new OneCycleLR(target(), { etaMax: 1, totalSteps: 4, convertToIterBased: true, epochLength: 5 });
    expect(converted.stateDict()).toMatchObject({ totalSteps: 20, byEpoch: false });
  });

  it('refuses steps beyond its end, other fields and a share that divides by zero', () => {
    const scheduler = new OneCycleLR(target(), { etaMax: 1, totalSteps: 3 });
    for (let step = 1; step <= 3; step++) scheduler.step();
    expect(() => scheduler.step()).toThrow(code('ENGINE_SCHEDULER_TOO_MANY_STEPS'));
    expect(() => new OneCycleParamScheduler(target(), { paramName: 'momentum', etaMax: 1, totalSteps: 3 })).toThrow(
      code('ENGINE_SCHEDULER_NOT_LR'),
    );
    expect(() => new OneCycleLR(target(), { etaMax: 1, totalSteps: 4, pctStart: 0.25 })).toThrow(
      code('ENGINE_SCHEDULER_NOT_FINITE'),
    );
  });

  it('goes on from lastStep with the levels that the groups have', () => {
    const optimizer = { paramGroups: [{ lr: 0.1, initialLr: 0.5, maxLr: 8, minLr: 0, params: [] }] };
    const scheduler = new OneCycleLR(optimizer, { etaMax: 1, totalSteps: 10, lastStep: 1 });
    expect(scheduler.lastValues()).toEqual([8]);
  });
});
