/** The schedules are recursions; here they are compared with what they are meant to be, as functions of the step. */
import type { JsonObject } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ConstantLR,
  CosineAnnealingLR,
  CosineRestartLR,
  ExponentialLR,
  InverseSqrtLR,
  LinearLR,
  MultiStepLR,
  type ParamScheduler,
  PolyLR,
  type Schedulable,
  StepLR,
  WarmupStableDecayLR,
} from './index.js';

/** A schedule of one of the kinds, and its factor after so many steps inside its window, written independently. */
interface Drawn {
  readonly begin: number;
  readonly end: number;
  make(target: Schedulable): ParamScheduler;
  factor(step: number): number;
}

const STEPS = 25;
const share = fc.double({ min: 0.05, max: 1, noNaN: true });
const window = fc.record({ begin: fc.nat(6), length: fc.integer({ min: 2, max: 15 }) });

const linear: fc.Arbitrary<Drawn> = fc
  .tuple(window, share, share)
  .map(([{ begin, length }, startFactor, endFactor]) => ({
    begin,
    end: begin + length,
    make: (target) => new LinearLR(target, { startFactor, endFactor, begin, end: begin + length }),
    factor: (step) => startFactor + (endFactor - startFactor) * (Math.min(step, length - 1) / (length - 1)),
  }));

const constant: fc.Arbitrary<Drawn> = fc.tuple(window, share).map(([{ begin, length }, factor]) => ({
  begin,
  end: begin + length,
  make: (target) => new ConstantLR(target, { factor, begin, end: begin + length }),
  factor: (step) => (step >= length - 1 ? 1 : factor),
}));

const multiStep: fc.Arbitrary<Drawn> = fc
  .tuple(window, fc.array(fc.nat(18), { maxLength: 5 }), share)
  .map(([{ begin, length }, milestones, gamma]) => ({
    begin,
    end: begin + length,
    make: (target) => new MultiStepLR(target, { milestones, gamma, begin, end: begin + length }),
    factor: (step) => gamma ** milestones.filter((milestone) => milestone <= Math.min(step, length - 1)).length,
  }));

/** Down to a tenth at least, so that the recursion does not divide rounding errors by nearly nothing. */
const cosine: fc.Arbitrary<Drawn> = fc
  .tuple(window, fc.integer({ min: 2, max: 12 }), fc.double({ min: 0.1, max: 0.9, noNaN: true }))
  .map(([{ begin, length }, tMax, etaMinRatio]) => ({
    begin,
    end: begin + length,
    make: (target) => new CosineAnnealingLR(target, { tMax, etaMinRatio, begin, end: begin + length }),
    factor: (step) =>
      etaMinRatio + ((1 - etaMinRatio) * (1 + Math.cos((Math.PI * Math.min(step, length - 1)) / tMax))) / 2,
  }));

const stepwise: fc.Arbitrary<Drawn> = fc
  .tuple(window, fc.integer({ min: 1, max: 6 }), share)
  .map(([{ begin, length }, stepSize, gamma]) => ({
    begin,
    end: begin + length,
    make: (target) => new StepLR(target, { stepSize, gamma, begin, end: begin + length }),
    factor: (step) => gamma ** Math.floor(Math.min(step, length - 1) / stepSize),
  }));

const exponential: fc.Arbitrary<Drawn> = fc.tuple(window, share).map(([{ begin, length }, gamma]) => ({
  begin,
  end: begin + length,
  make: (target) => new ExponentialLR(target, { gamma, begin, end: begin + length }),
  factor: (step) => gamma ** Math.min(step, length - 1),
}));

const polynomial: fc.Arbitrary<Drawn> = fc
  .tuple(window, fc.constantFrom(0.5, 0.9, 1, 2, 3))
  .map(([{ begin, length }, power]) => ({
    begin,
    end: begin + length,
    make: (target) => new PolyLR(target, { power, begin, end: begin + length }),
    factor: (step) => (1 - Math.min(step, length - 1) / (length - 1)) ** power,
  }));

const inverseSqrt: fc.Arbitrary<Drawn> = fc
  .tuple(window, fc.integer({ min: 1, max: 50 }))
  .map(([{ begin, length }, timescale]) => ({
    begin,
    end: begin + length,
    make: (target) => new InverseSqrtLR(target, { timescale, begin, end: begin + length }),
    factor: (step) => Math.sqrt(timescale / (timescale + Math.min(step, length - 1))),
  }));

const restarts: fc.Arbitrary<Drawn> = fc
  .tuple(
    window,
    fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), share), { minLength: 1, maxLength: 4 }),
    fc.double({ min: 0.01, max: 0.04, noNaN: true }),
  )
  .map(([{ begin, length }, cosines, etaMinRatio]) => {
    const [periods, restartWeights] = [cosines.map(([period]) => period), cosines.map(([, weight]) => weight)];
    const options = { periods, restartWeights, etaMinRatio, begin, end: begin + length };
    return {
      begin,
      end: begin + length,
      make: (target: Schedulable) => new CosineRestartLR(target, options),
      factor: (step: number) => {
        let at = Math.min(step, length - 1, periods.reduce((sum, period) => sum + period) - 1);
        let index = 0;
        while (at >= (periods[index] as number)) at -= periods[index++] as number;
        const peak = restartWeights[index] as number;
        return etaMinRatio + ((peak - etaMinRatio) * (1 + Math.cos((Math.PI * at) / (periods[index] as number)))) / 2;
      },
    };
  });

/** The formulas of the Transformers library, factor by factor. */
const warmupStableDecay: fc.Arbitrary<Drawn> = fc
  .tuple(
    fc.record({ begin: fc.nat(6), warmup: fc.nat(5), stable: fc.nat(5), decay: fc.integer({ min: 1, max: 6 }) }),
    fc.constantFrom('linear' as const, 'cosine' as const, 'sqrt' as const),
    fc.constantFrom('linear' as const, 'cosine' as const, 'sqrt' as const),
    fc.double({ min: 0, max: 0.5, noNaN: true }),
  )
  .map(([{ begin, warmup, stable, decay }, warmupType, decayType, minRatio]) => {
    const end = begin + warmup + stable + decay;
    const rise = { linear: (p: number) => p, cosine: cosineRise, sqrt: (p: number) => 1 - Math.sqrt(1 - p) };
    const fall = { linear: (p: number) => 1 - p, cosine: cosineFall, sqrt: (p: number) => 1 - Math.sqrt(p) };
    return {
      begin,
      end,
      make: (target: Schedulable) =>
        new WarmupStableDecayLR(target, {
          ...{ warmupSteps: warmup, decaySteps: decay, warmupType, decayType, minRatio, begin, end },
        }),
      factor: (given: number) => {
        const step = Math.min(given, end - begin - 1);
        if (step < warmup) return rise[warmupType](step / warmup) * (1 - minRatio) + minRatio;
        if (step < warmup + stable) return 1;
        return fall[decayType]((step - warmup - stable) / decay) * (1 - minRatio) + minRatio;
      },
    };
  });
const cosineRise = (share: number): number => 0.5 * (1 - Math.cos(Math.PI * share));
const cosineFall = (share: number): number => 0.5 * (1 + Math.cos(Math.PI * share));

const group = (lr: number) => ({ lr, params: [] });
/** The closed form at a global step: nothing before the window, the last value after it. */
const at = ({ begin, factor }: Drawn, step: number): number => (step < begin ? 1 : factor(step - begin));
const expectNear = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-8 * Math.max(Math.abs(expected), 1e-3));

describe.each([
  ['LinearLR', linear],
  ['ConstantLR', constant],
  ['MultiStepLR', multiStep],
  ['CosineAnnealingLR', cosine],
  ['CosineRestartLR', restarts],
  ['StepLR', stepwise],
  ['ExponentialLR', exponential],
  ['PolyLR', polynomial],
  ['InverseSqrtLR', inverseSqrt],
  ['WarmupStableDecayLR', warmupStableDecay],
] as const)('%s', (_name, drawn) => {
  it('is its closed form, in any window, for every group', () => {
    const rates = fc.array(fc.double({ min: 1e-3, max: 10, noNaN: true }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(drawn, rates, (schedule, base) => {
        const target = { paramGroups: base.map(group) };
        const scheduler = schedule.make(target);
        for (let step = 0; step < STEPS; step++) {
          if (step > 0) scheduler.step();
          for (const [i, rate] of base.entries())
            expectNear(target.paramGroups[i]?.lr as number, rate * at(schedule, step));
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Those that multiply. A cosine pulls towards a minimum of its own, so it does not. */
const factors = fc.array(fc.oneof(linear, constant, multiStep, stepwise, exponential, inverseSqrt), {
  minLength: 2,
  maxLength: 4,
});

describe('several schedules on one field', () => {
  it('multiply, whatever their windows', () => {
    fc.assert(
      fc.property(factors, (schedules) => {
        const target = { paramGroups: [group(1)] };
        const made = schedules.map((schedule) => schedule.make(target));
        for (let step = 0; step < STEPS; step++) {
          if (step > 0) for (const scheduler of made) scheduler.step();
          const expected = schedules.reduce((product, schedule) => product * at(schedule, step), 1);
          expectNear(target.paramGroups[0]?.lr as number, expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('go on bit for bit when all of them and the groups are saved at any step', () => {
    const chains = fc.array(
      fc.oneof(linear, constant, multiStep, cosine, restarts, stepwise, polynomial, warmupStableDecay),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(chains, fc.nat(STEPS - 1), (schedules, saved) => {
        const straight = { paramGroups: [group(0.3), group(0.1)] };
        const first = schedules.map((schedule) => schedule.make(straight));
        for (let step = 0; step < saved; step++) for (const scheduler of first) scheduler.step();
        const states = JSON.parse(JSON.stringify(first.map((scheduler) => scheduler.stateDict()))) as JsonObject[];

        const resumed = { paramGroups: [group(5), group(6)] }; // rates of its own, until those saved are loaded
        const second = schedules.map((schedule) => schedule.make(resumed));
        for (const [i, own] of resumed.paramGroups.entries()) Object.assign(own, straight.paramGroups[i]);
        for (const [i, scheduler] of second.entries()) scheduler.loadStateDict(states[i] as JsonObject);
        for (let step = saved; step < STEPS; step++) {
          for (const scheduler of [...first, ...second]) scheduler.step();
          expect(resumed).toEqual(straight);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('count iterations as they would count epochs, once converted', () => {
    fc.assert(
      fc.property(share, fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 7 }), (gamma, epochLength, at) => {
        const [epochs, iterations] = [{ paramGroups: [group(1)] }, { paramGroups: [group(1)] }];
        const byEpoch = new MultiStepLR(epochs, { milestones: [at, at + 2], gamma, end: 9 });
        const options = { milestones: [at, at + 2], gamma, end: 9, convertToIterBased: true, epochLength };
        const byIteration = new MultiStepLR(iterations, options);
        for (let epoch = 1; epoch < 12; epoch++) {
          byEpoch.step();
          for (let i = 0; i < epochLength; i++) byIteration.step();
          expect(iterations.paramGroups[0]?.lr).toBe(epochs.paramGroups[0]?.lr);
        }
      }),
      { numRuns: 30 },
    );
  });
});
