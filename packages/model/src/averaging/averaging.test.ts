import { cpu } from '@engine/backend-cpu';
import { type HostArray, type Logger, silentLogger, tensorScope } from '@engine/core';
import { Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Averageable,
  BaseAveragedModel,
  ExponentialMovingAverage,
  MomentumAnnealingEMA,
  StochasticWeightAverage,
} from '../index.js';
import { AveragedModule, describeAveragedModel } from '../testing/describe-averaged-model.js';
import { interpolate, shareOf } from './interpolate.js';

beforeAll(() => cpu().init());

describeAveragedModel(ExponentialMovingAverage, { momentum: 0.3 });
describeAveragedModel(MomentumAnnealingEMA, { momentum: 0.05, gamma: 4 });
describeAveragedModel(StochasticWeightAverage);

let model: AveragedModule;
beforeEach(() => {
  model = new AveragedModule();
});
afterEach(() => model.dispose());

/** The first weight of the average after updates with these values of it. */
async function averageOf(averaged: BaseAveragedModel, values: readonly number[]): Promise<number> {
  for (const value of values) {
    tensorScope(() => model.weight.value.assign(tf.mul(tf.ones([3]), value)));
    averaged.updateParameters();
  }
  const weight = (await averaged.stateDict()).get('module.weight') as HostArray;
  averaged.dispose();
  return Number(weight.data[0]);
}

const weights = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 12 });

describe('the averages', () => {
  it('of SWA are means', async () => {
    await fc.assert(
      fc.asyncProperty(weights, fc.integer({ min: 1, max: 4 }), async (values, interval) => {
        const taken = values.filter((_, i) => i % interval === 0);
        const mean = taken.reduce((sum, value) => sum + value) / taken.length;
        expect(await averageOf(new StochasticWeightAverage(model, { interval }), values)).toBeCloseTo(mean, 4);
      }),
      { numRuns: 30 },
    );
  });

  it('of an exponential average weigh the past less and less', async () => {
    await fc.assert(
      fc.asyncProperty(weights, fc.double({ min: 0.01, max: 0.99, noNaN: true }), async (values, momentum) => {
        const expected = values.reduce((average, value) => (1 - momentum) * average + momentum * value);
        expect(await averageOf(new ExponentialMovingAverage(model, { momentum }), values)).toBeCloseTo(expected, 4);
      }),
      { numRuns: 30 },
    );
  });

  it('of the annealed one start from the latest weights', async () => {
    const values = [1, 5, 2, 8];
    const expected = values.reduce((average, value, i) => {
      const momentum = Math.max(0.1, 2 / (2 + i));
      return (1 - momentum) * average + momentum * value;
    });
    const averaged = new MomentumAnnealingEMA(model, { momentum: 0.1, gamma: 2 });
    expect(await averageOf(averaged, values)).toBeCloseTo(expected, 5);
  });

  it('can be of your own kind', async () => {
    class Latest extends BaseAveragedModel {
      constructor(source: Averageable) {
        super(source, { interval: 1, updateBuffers: false });
      }
      protected override weightAt(): number {
        return 1;
      }
    }
    expect(await averageOf(new Latest(model), [1, 2, 0.1])).toBe(Math.fround(0.1));
  });

  it('can be computed with', () => {
    const averaged = new ExponentialMovingAverage(model, { momentum: 0.5 });
    for (const value of [1, 3]) {
      tensorScope(() => model.weight.value.assign(tf.mul(tf.ones([3]), value)));
      averaged.updateParameters();
    }
    const [teacher, student] = [averaged.use(() => model.apply()), model.apply()];
    expect([teacher.dataSync()[0], student.dataSync()[0]]).toEqual([2, 3]);
    tf.dispose([teacher, student]);
    averaged.dispose();
  });
});

describe('an interpolation', () => {
  it('rounds once, as a fused multiply-add does, but where nearly everything cancels', () => {
    const value = fc.float({ min: -4, max: 4, noNaN: true });
    const close = fc.tuple(value, value, fc.float({ min: Math.fround(0.001), max: 1, noNaN: true }));
    fc.assert(
      fc.property(close, ([a, b, share]) => {
        fc.pre(Math.abs(b - a) > 1e-20);
        const got = tf.tidy(
          () => interpolate(tf.scalar(a), tf.scalar(b), shareOf(share, { forwards: true })).dataSync()[0],
        );
        const exact = a + share * Math.fround(b - a);
        expect(Math.abs((got as number) - exact)).toBeLessThanOrEqual(
          Math.abs(exact) * 2 ** -23.9 + Math.abs(share * (b - a)) * 2 ** -34,
        );
      }),
    );
  });

  it.each([0.5, 0.9, 1])('of a share of %d starts from the value, so that the whole way is exact', (share) => {
    const got = tf.tidy(
      () => interpolate(tf.scalar(1e8), tf.scalar(0.1), shareOf(share, { forwards: false })).dataSync()[0],
    );
    if (share === 1) expect(got).toBe(Math.fround(0.1));
    else expect(got).toBeCloseTo(1e8 * (1 - share), -1);
  });
});

describe('misuse', () => {
  it.each([
    () => new ExponentialMovingAverage(model, { momentum: 0 }),
    () => new ExponentialMovingAverage(model, { momentum: 1 }),
    () => new ExponentialMovingAverage(model, { momentum: -0.1 }),
    () => new MomentumAnnealingEMA(model, { gamma: 0 }),
    () => new MomentumAnnealingEMA(model, { momentum: 1.5 }),
    () => new StochasticWeightAverage(model, { interval: 0 }),
  ])('%s is refused', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ENGINE_REGISTRY_BAD_OPTION_VALUE' }));
  });

  it('warns of a momentum that is meant as an optimizer’s', () => {
    const warned: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => void warned.push(message) };
    const build = (momentum: number) =>
      new Registry().build(
        'averagedModel',
        { type: ExponentialMovingAverage, momentum },
        { args: { model }, logger, path: 'customHooks.0.emaType' },
      );
    for (const momentum of [0.5, 0.999]) build(momentum).dispose();
    expect(warned).toEqual([expect.stringMatching(/^customHooks\.0\.emaType: momentum = 0\.999 is the share/)]);
  });
});
