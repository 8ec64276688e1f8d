import { cpu } from '@engine/backend-cpu';
import { hostArray, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AccumulationCounter, GradientSums, splitAccumulated } from './accumulation.js';

beforeAll(() => cpu().init());

const coded = (reason: string) => expect.objectContaining({ code: `ENGINE_OPTIM_${reason}` });
const size = fc.integer({ min: 1, max: 6 });

describe('the accumulation counter', () => {
  it('gives every loss of a run the same weight in the step it belongs to: weights of a window add up to one', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 40 }), (window, max) => {
        const counter = new AccumulationCounter(window);
        counter.max = max;
        const steps: number[] = [];
        let weights: number[] = [];
        for (let i = 0; i < max; i++) {
          weights.push(1 / counter.divisor);
          if (!counter.advance()) continue;
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
          expect(new Set(weights).size).toBe(1);
          steps.push(i + 1);
          weights = [];
        }
        expect(weights).toEqual([]); // nothing is left over at the end
        expect(steps).toHaveLength(Math.ceil(max / window));
      }),
    );
  });

  it('stands, after a resume, where it stood: windows are aligned to absolute counts', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 30 }), fc.nat(29), (window, max, resumed) => {
        fc.pre(resumed < max);
        const [straight, later] = [new AccumulationCounter(window), new AccumulationCounter(window)];
        straight.max = later.max = max;
        for (let i = 0; i < resumed; i++) straight.advance();
        later.inner = resumed;
        for (let i = resumed; i < max; i++) {
          expect(later.divisor).toBe(straight.divisor);
          expect(later.advance()).toBe(straight.advance());
        }
      }),
    );
  });

  it('does not mind how long a run is when nobody has said so, nor without accumulation', () => {
    const [open, single] = [new AccumulationCounter(4), new AccumulationCounter(1)];
    single.max = 2;
    for (let i = 0; i < 9; i++) {
      expect([open.divisor, single.divisor]).toEqual([4, 1]);
      expect([open.advance(), single.advance()]).toEqual([i % 4 === 3, true]);
    }
  });

  it('refuses what goes beyond the announced end with ENGINE_OPTIM_COUNT_EXCEEDED', () => {
    const counter = new AccumulationCounter(2);
    counter.max = 4;
    counter.inner = 4;
    expect(() => counter.divisor).toThrow(coded('COUNT_EXCEEDED'));
  });
});

describe('sums of gradients', () => {
  const filled = (...values: number[]) => tf.tensor1d(values);

  it('hold what was added, by name, also where a name comes later or stays away', () => {
    const sums = new GradientSums();
    tensorScope(() => sums.add(new Map([['a', filled(1, 2)]])));
    tensorScope(() => {
      sums.add(
        new Map([
          ['b', filled(5)],
          ['a', filled(10, 20)],
        ]),
      );
    });
    tensorScope(() => {
      const total = sums.sumWith(new Map([['c', filled(7)]]));
      expect([...total].map(([name, sum]) => [name, Array.from(sum.dataSync())])).toEqual([
        ['a', [11, 22]],
        ['b', [5]],
        ['c', [7]],
      ]);
    });
    sums.clear();
  });

  it('own copies: the gradients may be freed, and clear frees the rest', () => {
    const before = tf.memory().numTensors;
    const sums = new GradientSums();
    const grad = filled(1, 2);
    sums.add(new Map([['a', grad]]));
    grad.dispose();
    tensorScope(() => {
      expect(Array.from(sums.sumWith(new Map()).get('a')?.dataSync() ?? [])).toEqual([1, 2]);
    });
    sums.clear();
    expect(tf.memory().numTensors).toBe(before);
    expect(sums.sumWith(new Map()).size).toBe(0);
  });

  it('come back from what was saved, and later sums do not change it', async () => {
    const [sums, copy] = [new GradientSums(), new GradientSums()];
    tensorScope(() => sums.add(new Map([['deep.name/with slash', filled(1, 2)]])));
    const saved = new Map(await sums.save());
    tensorScope(() => sums.add(new Map([['deep.name/with slash', filled(1, 1)]])));
    const params = [{ name: 'deep.name/with slash', shape: [2] }] as unknown as Parameters<typeof splitAccumulated>[1];
    const split = splitAccumulated(saved, params);
    expect(split.rest.size).toBe(0);
    copy.load(split.sums);
    expect(new Map(await copy.save())).toEqual(saved);
    sums.clear();
    copy.clear();
  });

  it('are told from other state, and refused where they belong to nothing: ENGINE_OPTIM_STATE_MISMATCH', () => {
    const params = [{ name: 'w', shape: [2] }] as unknown as Parameters<typeof splitAccumulated>[1];
    const array = hostArray('float32', [2], Float32Array.of(1, 2));
    const { sums, rest } = splitAccumulated(
      new Map([
        ['momentumBuffer/w', array],
        ['accumulated/w', array],
      ]),
      params,
    );
    expect([[...sums.keys()], [...rest.keys()]]).toEqual([['w'], ['momentumBuffer/w']]);
    for (const [key, value] of [
      ['accumulated/v', array],
      ['accumulated/w', hostArray('float32', [1], Float32Array.of(1))],
      ['accumulated/w', hostArray('float64', [2], Float64Array.of(1, 2))],
    ] as const)
      expect(() => splitAccumulated(new Map([[key, value]]), params)).toThrow(coded('STATE_MISMATCH'));
  });
});
