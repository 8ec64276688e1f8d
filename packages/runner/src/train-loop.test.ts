import { cpu } from '@engine/backend-cpu';
import type { Hook } from '@engine/hooks';
import { SGD } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boringRuns } from './testing/index.js';
import { validationDue } from './validation-schedule.js';

const make = boringRuns(cpu);

/** The steps after which validation is due. */
function dueIn(max: number, rest: Partial<Parameters<typeof validationDue>[1]>): number[] {
  const schedule = { valBegin: 1, valInterval: 1, dynamicIntervals: [], max, ...rest };
  return Array.from({ length: max }, (_, index) => index + 1).filter((n) => validationDue(n, schedule));
}

describe('validation is due', () => {
  it("as in MMEngine's examples", () => {
    expect(dueIn(12, { valInterval: 5, dynamicIntervals: [[11, 2]] })).toEqual([5, 10, 12]);
    expect(dueIn(12, { valInterval: 5, dynamicIntervals: [[10, 3]] })).toEqual([5, 9, 12]);
    expect(dueIn(5, { valInterval: 2 })).toEqual([2, 4, 5]);
    expect(dueIn(5, { valBegin: 4 })).toEqual([4, 5]);
    expect(dueIn(5, { valBegin: 6 })).toEqual([]);
  });

  it('after the last step, however the interval falls, unless it has not begun', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        (max, valInterval, valBegin) => {
          return dueIn(max, { valInterval, valBegin }).includes(max) === valBegin <= max;
        },
      ),
    );
  });
});

describe('the training loop', () => {
  it('keeps the number of live tensors and bytes flat over iterations, validations and saves', async () => {
    const seen = { train: new Set<string>(), val: new Set<string>(), save: new Set<string>() };
    const count = (point: keyof typeof seen) => (ctx: { epoch: number }, info?: object) => {
      if (ctx.epoch >= 1)
        seen[point].add(
          `batch ${info !== undefined && 'batchIdx' in info ? info.batchIdx : ''}: ${tf.memory().numTensors} tensors, ${tf.memory().numBytes} bytes`,
        );
    };
    const hook: Hook = {
      name: 'Memory',
      beforeTrainIter: count('train'),
      afterVal: count('val'),
      beforeSaveCheckpoint: count('save'),
    };
    const run = make({
      trainCfg: { byEpoch: true, maxEpochs: 6 },
      optimWrapper: { optimizer: { type: SGD, lr: 0.1, momentum: 0.9 }, accumulativeCounts: 4 },
      defaultHooks: { logger: { interval: 4 } },
      customHooks: [hook],
    });
    await run.runner.train();
    // Between log lines the hub keeps losses that nobody has read: one more tensor an iteration, none left at the line.
    expect([seen.train.size, seen.val.size, seen.save.size]).toEqual([4, 1, 1]);
  });

  it('leaves no tensor behind that has no owner', async () => {
    const before = tf.engine().state.numTensors;
    const { runner, model } = make({});
    await runner.train();
    await runner.dispose();
    model.dispose();
    expect(tf.engine().state.numTensors).toBe(before);
  });

  it('frees what is under way when a hook throws', async () => {
    const before = tf.engine().state.numTensors;
    for (const point of [
      'beforeTrainIter',
      'afterTrainIter',
      'beforeValIter',
      'afterValIter',
      'beforeSaveCheckpoint',
    ] as const) {
      const bad: Hook = {
        name: 'Bad',
        [point]: () => {
          throw new Error(point);
        },
      };
      const { runner, model } = make({ customHooks: [bad] });
      await expect(runner.train()).rejects.toThrow(point);
      await runner.dispose();
      model.dispose();
    }
    expect(tf.engine().state.numTensors).toBe(before);
  });

  it('hands hooks tensors that are theirs to keep', async () => {
    let kept = 0;
    const hook: Hook = {
      name: 'Keeper',
      afterTrainIter(ctx) {
        ctx.keep('square', tf.square(tf.scalar(ctx.iter)));
        kept = ctx.keptTensors;
      },
      async afterTrainEpoch(ctx) {
        await Promise.resolve();
        expect(ctx.tidy(() => tf.sum(tf.ones([3])).dataSync()[0])).toBe(3);
      },
    };
    await make({ customHooks: [hook] }).runner.train();
    expect(kept).toBe(1);
  });

  it('tells which hook has left tensors behind', async () => {
    const left: tf.Tensor[] = [];
    const leaky: Hook = {
      name: 'Leaky',
      async afterTrainEpoch() {
        await Promise.resolve();
        left.push(tf.zeros([2]));
      },
    };
    const { runner, lines } = make({ customHooks: [leaky] });
    await runner.train();
    expect(lines.filter((line) => line.startsWith('WARNING'))).toEqual([
      'WARNING The hook Leaky has left 3 tensors on the device; after an await, compute inside ctx.tidy.',
    ]);
    tf.dispose(left);
  });

  it('lets the model know where it stands before each step', async () => {
    const { runner, model } = make({ randomness: { seed: 9 } });
    await runner.train();
    expect(model.stepContext.position).toEqual({ seed: 9, iteration: 11 });
  });
});
