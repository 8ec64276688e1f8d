import { Registry } from '@engine/registry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ConstantLR,
  CosineAnnealingLR,
  CosineRestartLR,
  InverseSqrtLR,
  LinearLR,
  LinearMomentum,
  LinearParamScheduler,
  MultiStepLR,
  type ParamScheduler,
  type Schedulable,
  StepLR,
  WarmupStableDecayLR,
} from './index.js';

const code = (reason: string) => expect.objectContaining({ code: reason });

function optimizer(...rates: readonly number[]) {
  return {
    paramGroups: rates.map(
      (lr) =>
        ({ lr, params: [] }) as { lr: number; params: never[]; betas?: readonly number[]; [field: string]: unknown },
    ),
  };
}

/** First group's rate after construction and after each of `steps` steps of all schedulers. */
function trace(target: Schedulable, schedulers: readonly ParamScheduler[], steps: number): number[] {
  const rate = () => target.paramGroups[0]?.['lr'] as number;
  return [
    rate(),
    ...Array.from({ length: steps }, () => (schedulers.forEach((scheduler) => scheduler.step()), rate())),
  ];
}

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 10));

describe('curves', () => {
  it('LinearLR reaches its end at the last step of the window and stays there', () => {
    const target = optimizer(1);
    expect(trace(target, [new LinearLR(target, { startFactor: 0.5, end: 5 })], 5)).toEqual(
      near([0.5, 0.625, 0.75, 0.875, 1, 1]),
    );
  });

  it('ConstantLR restores the value at the last step of the window', () => {
    const target = optimizer(1);
    expect(trace(target, [new ConstantLR(target, { factor: 0.5, end: 5 })], 6)).toEqual([0.5, 0.5, 0.5, 0.5, 1, 1, 1]);
  });

  it('two constants with one end compound and both restore', () => {
    const target = optimizer(0.1);
    const schedulers = [
      new ConstantLR(target, { factor: 0.5, end: 3 }),
      new ConstantLR(target, { factor: 0.5, begin: 1, end: 3 }),
    ];
    expect(trace(target, schedulers, 3)).toEqual(near([0.05, 0.025, 0.1, 0.1]));
  });

  it('MultiStepLR counts milestones from begin, repeated ones twice', () => {
    const target = optimizer(1);
    expect(trace(target, [new MultiStepLR(target, { milestones: [2, 1, 2], gamma: 0.5, begin: 1 })], 5)).toEqual([
      1, 1, 0.5, 0.125, 0.125, 0.125,
    ]);
  });

  it('CosineAnnealingLR falls to the minimum after tMax steps and comes back', () => {
    const target = optimizer(1);
    const values = trace(target, [new CosineAnnealingLR(target, { tMax: 10 })], 20);
    expect(values[5]).toBeCloseTo(0.5, 10);
    expect(values[10]).toBeCloseTo(0, 10);
    expect(values[20]).toBeCloseTo(1, 10);
  });

  it('CosineAnnealingLR takes the length of its window for tMax, and a minimum by ratio for each group', () => {
    const target = optimizer(1, 2);
    const scheduler = new CosineAnnealingLR(target, { end: 4, etaMinRatio: 0.5 });
    for (let i = 0; i < 3; i++) scheduler.step();
    const expected = 0.5 + (0.5 * (1 + Math.cos((3 * Math.PI) / 4))) / 2;
    expect(scheduler.lastValues()).toEqual(near([expected, 2 * expected]));
  });

  it('a warm-up and a decay that overlap multiply', () => {
    const target = optimizer(0.05);
    const schedulers = [
      new LinearLR(target, { startFactor: 0.5, end: 5 }),
      new MultiStepLR(target, { milestones: [3], gamma: 0.1 }),
    ];
    expect(trace(target, schedulers, 3)[3]).toBeCloseTo(0.004375, 12);
  });

  it('InverseSqrtLR goes on from a warm-up as Transformers are trained', () => {
    const target = optimizer(1);
    const warmup = new LinearLR(target, { startFactor: 0.25, end: 4, byEpoch: false });
    const decay = new InverseSqrtLR(target, { begin: 4, byEpoch: false });
    const values = trace(target, [warmup, decay], 16);
    for (const step of [4, 5, 9, 16]) expect(values[step]).toBeCloseTo(Math.sqrt(4 / step), 12);
    expect(new InverseSqrtLR(optimizer(1)).stateDict()).toMatchObject({ timescale: 10_000 });
  });

  it('WarmupStableDecayLR converts its slopes with its window', () => {
    const options = { warmupSteps: 1, decaySteps: 2, end: 10, convertToIterBased: true, epochLength: 3 };
    expect(new WarmupStableDecayLR(optimizer(1), options).stateDict()).toMatchObject({
      warmupSteps: 3,
      stableSteps: 21,
      decaySteps: 6,
    });
  });

  it('scales with the base value, for any window', () => {
    const window = fc.record({
      begin: fc.nat(5),
      length: fc.integer({ min: 2, max: 9 }),
      factor: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(window, fc.double({ min: 1e-3, max: 10, noNaN: true }), ({ begin, length, factor }, base) => {
        const [unit, scaled] = [optimizer(1), optimizer(base)];
        const make = (target: Schedulable) => new LinearLR(target, { startFactor: factor, begin, end: begin + length });
        const [a, b] = [trace(unit, [make(unit)], 20), trace(scaled, [make(scaled)], 20)];
        for (const [i, value] of a.entries())
          expect(Math.abs((b[i] as number) - base * value)).toBeLessThan(1e-9 * base);
        expect(a[20]).toBeCloseTo(1, 9);
      }),
      { numRuns: 50 },
    );
  });

  it('sees what others write in between', () => {
    const target = optimizer(1);
    const scheduler = new MultiStepLR(target, { milestones: [2], gamma: 0.5 });
    scheduler.step();
    (target.paramGroups[0] as { lr: number }).lr = 8;
    scheduler.step();
    expect(scheduler.lastValues()).toEqual([4]);
  });
});

describe('fields', () => {
  it('momentum of Adam is the first beta', () => {
    const target = { paramGroups: [{ lr: 1, betas: [0.8, 0.99], params: [] }] };
    const { betas } = target.paramGroups[0] as { betas: number[] };
    const scheduler = new LinearMomentum(target, { startFactor: 0.5, end: 3 });
    expect(scheduler.paramName).toBe('betas[0]');
    expect(target.paramGroups[0]).toMatchObject({ betas: [0.4, 0.99], 'initialBetas[0]': 0.8 });
    expect(betas).toEqual([0.8, 0.99]);
  });

  it('records the initial value once, for later schedules', () => {
    const target = optimizer(1);
    new LinearLR(target, { startFactor: 0.5 });
    new CosineAnnealingLR(target, { tMax: 5 });
    expect(target.paramGroups[0]?.['initialLr']).toBe(1);
  });

  it.each([
    ['ENGINE_SCHEDULER_NO_FIELD', () => new LinearParamScheduler(optimizer(1), { paramName: 'nope' })],
    ['ENGINE_SCHEDULER_NO_FIELD', () => new LinearParamScheduler(optimizer(1), { paramName: 'lr[0]' })],
    ['ENGINE_SCHEDULER_NO_MOMENTUM', () => new LinearMomentum(optimizer(1))],
    ['ENGINE_SCHEDULER_NO_INITIAL', () => new LinearLR(optimizer(1), { lastStep: 3 })],
    ['ENGINE_SCHEDULER_NOT_SCHEDULABLE', () => new LinearLR({} as Schedulable)],
    ['ENGINE_SCHEDULER_NOT_SCHEDULABLE', () => new LinearLR(undefined as unknown as Schedulable)],
    ['ENGINE_SCHEDULER_TWO_MINIMA', () => new CosineAnnealingLR(optimizer(1), { etaMin: 0, etaMinRatio: 0.1 })],
    [
      'ENGINE_SCHEDULER_TWO_MINIMA',
      () => new CosineRestartLR(optimizer(1), { periods: [3], etaMin: 0, etaMinRatio: 0 }),
    ],
    ['ENGINE_SCHEDULER_NO_MINIMUM', () => new CosineRestartLR(optimizer(1), { periods: [3] })],
    ['ENGINE_SCHEDULER_BAD_PERIODS', () => new CosineRestartLR(optimizer(1), { periods: [3, 4], etaMin: 0 })],
    [
      'ENGINE_SCHEDULER_BAD_PERIODS',
      () => new WarmupStableDecayLR(optimizer(1), { warmupSteps: 6, decaySteps: 5, end: 10 }),
    ],
    ['ENGINE_REGISTRY_BAD_OPTION_VALUE', () => new StepLR(optimizer(1), { stepSize: 0 })],
    ['ENGINE_REGISTRY_BAD_OPTION_VALUE', () => new LinearLR(optimizer(1), { startFactor: 1.5 })],
    ['ENGINE_REGISTRY_MISSING_OPTION', () => new MultiStepLR(optimizer(1), {} as { milestones: number[] })],
  ])('%s', (reason, misuse) => {
    expect(misuse).toThrow(code(reason));
  });

  it('refuses to divide by zero with ENGINE_SCHEDULER_NOT_FINITE', () => {
    const linear = new LinearLR(optimizer(1), { startFactor: 0, end: 5 });
    expect(() => linear.step()).toThrow(code('ENGINE_SCHEDULER_NOT_FINITE'));
    const constant = new ConstantLR(optimizer(1), { factor: 0, end: 2 });
    expect(() => constant.step()).toThrow(code('ENGINE_SCHEDULER_NOT_FINITE'));
  });
});

describe('misuse', () => {
  it('refuses an empty window with ENGINE_SCHEDULER_BAD_WINDOW', () => {
    for (const window of [{ begin: 3, end: 3 }, { begin: 3, end: 1 }, { begin: 2e9 }]) {
      expect(() => new LinearLR(optimizer(1), window)).toThrow(code('ENGINE_SCHEDULER_BAD_WINDOW'));
    }
  });

  it('refuses foreign states with ENGINE_SCHEDULER_STATE_MISMATCH and keeps its own', () => {
    const scheduler = new LinearLR(optimizer(1), { end: 5 });
    const own = scheduler.stateDict();
    const { lastStep: _, ...incomplete } = own;
    const foreign = [
      {},
      incomplete,
      { ...own, extra: 1 },
      { ...own, paramName: 'momentum' },
      { ...own, baseValues: [1, 2] },
      new ConstantLR(optimizer(1)).stateDict(),
      new LinearLR(optimizer(1, 2)).stateDict(),
    ];
    for (const state of foreign)
      expect(() => scheduler.loadStateDict(state)).toThrow(code('ENGINE_SCHEDULER_STATE_MISMATCH'));
    expect(scheduler.stateDict()).toEqual(own);
  });

  it('goes on from lastStep where groups remember their initial value', () => {
    const target = optimizer(0.5);
    (target.paramGroups[0] as { initialLr?: number }).initialLr = 1;
    const scheduler = new MultiStepLR(target, { milestones: [3], gamma: 0.5, lastStep: 2 });
    expect(scheduler.lastStep).toBe(3);
    expect(scheduler.lastValues()).toEqual([0.25]);
  });
});

describe('from epochs to iterations', () => {
  it('multiplies every number given in epochs', () => {
    const target = optimizer(1);
    const scheduler = new MultiStepLR(target, {
      milestones: [1, 2],
      begin: 0.5,
      end: 4,
      convertToIterBased: true,
      epochLength: 7,
    });
    expect(scheduler.byEpoch).toBe(false);
    expect(scheduler.stateDict()).toMatchObject({ milestones: [7, 14], begin: 3, end: 28, byEpoch: false });
    expect(
      new CosineAnnealingLR(target, { tMax: 3, convertToIterBased: true, epochLength: 5 }).stateDict(),
    ).toMatchObject({ tMax: 15, end: 1e9 });
  });

  it('needs the epoch length and a schedule by epoch', () => {
    expect(() => new LinearLR(optimizer(1), { convertToIterBased: true })).toThrow(
      code('ENGINE_SCHEDULER_NO_EPOCH_LENGTH'),
    );
    const contradiction = { convertToIterBased: true, byEpoch: false, epochLength: 3 };
    expect(() => new LinearLR(optimizer(1), contradiction)).toThrow(code('ENGINE_SCHEDULER_NOT_BY_EPOCH'));
  });

  it.each([
    [{}, { end: 3, byEpoch: true, tMax: 3 }],
    [{ byEpoch: false }, { end: 12, byEpoch: false, tMax: 12 }],
    [
      { begin: 1, convertToIterBased: true },
      { begin: 4, end: 12, byEpoch: false, tMax: 8 },
    ],
    [{ end: 2 }, { end: 2, tMax: 2 }],
  ])('takes the length of the run for a missing end: %j', (options, expected) => {
    const args = { optimizer: optimizer(1), epochLength: 4, maxEpochs: 3, maxIters: 12 };
    const built = new Registry().build('paramScheduler', { type: CosineAnnealingLR, ...options }, { args });
    expect(built.stateDict()).toMatchObject(expected);
  });
});
