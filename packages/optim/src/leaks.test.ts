/** A thousand steps of everything that steps: live tensors and bytes are the same after them as after the first. */
import { cpu } from '@engine/backend-cpu';
import { tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as optim from './index.js';
import { type BuiltOptimWrapperOptions, type Optimizer, OptimWrapper, SGD } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

beforeAll(() => cpu().init());

const STEPS = 1000;

const parameters = () =>
  [testParameter('weight', [1, -2, 0.5, 3], [2, 2]), testParameter('other', [0.1, -0.2], [1, 2])] as const;

const live = (): { tensors: number; bytes: number } => {
  const { numTensors, numBytes } = tf.memory();
  return { tensors: numTensors, bytes: numBytes };
};

/** Steps once, then a thousand times more; frees everything and says what was left over on the way and in the end. */
function afterManySteps(step: (i: number) => void, free: () => void): void {
  step(0);
  step(1);
  const warm = live();
  for (let i = 2; i < STEPS; i++) {
    step(i);
    if (i % 100 === 0) expect(live()).toEqual(warm);
  }
  expect(live()).toEqual(warm);
  free();
}

describe('a thousand steps leave nothing behind:', () => {
  const recipes: [name: string, options: object][] = [
    ['SGD', { lr: 1e-3, momentum: 0.9, nesterov: true, weightDecay: 1e-4 }],
    ['Adam', { amsgrad: true, weightDecay: 0.1 }],
    ['AdamW', {}],
    ['Adamax', {}],
    ['NAdam', { decoupledWeightDecay: true, weightDecay: 0.1 }],
    ['RAdam', {}],
    ['Adagrad', { initialAccumulatorValue: 0.1, lrDecay: 0.1 }],
    ['Adadelta', {}],
    ['RMSprop', { centered: true, momentum: 0.9 }],
    ['ASGD', { t0: 10 }],
    ['Rprop', {}],
    ['Adafactor', { weightDecay: 0.1 }],
    ['Lion', { weightDecay: 0.1 }],
    ['LAMB', { trustClip: true }],
    ['LARS', { lr: 0.1, momentum: 0.9, weightDecay: 0.1 }],
    ['Muon', {}],
  ];

  it.each(recipes)('%s', (name, options) => {
    const before = live();
    const params = parameters();
    const Type = (optim as unknown as Record<string, new (params: unknown, options: object) => Optimizer>)[name];
    const optimizer = new (Type as NonNullable<typeof Type>)(params, options);
    afterManySteps(
      (i) =>
        tensorScope(() => {
          const grads = params.map(({ name: of, shape }): [string, tf.Tensor] => [
            of,
            tf.mul(tf.ones([...shape]), Math.sin(i)),
          ]);
          optimizer.apply(new Map(i % 7 === 3 ? grads.slice(1) : grads)); // now and then one has no gradient
        }),
      () => {
        optimizer.dispose();
        disposeParameters(params);
      },
    );
    expect(live()).toEqual(before);
  });

  it('covers every optimizer of the package but LBFGS, which keeps nothing on the device', () => {
    const names = Object.entries<unknown>(optim).flatMap(([name, value]) =>
      typeof value === 'function' && 'entry' in value && (value.entry as { kind: string }).kind === 'optimizer'
        ? [name]
        : [],
    );
    expect([...recipes.map(([name]) => name), 'LBFGS'].sort()).toEqual(names.sort());
  });

  it('LBFGS, with a line search', async () => {
    const before = live();
    const params = parameters();
    const optimizer = new optim.LBFGS(params, { maxIter: 2, historySize: 3, lineSearchFn: 'strong_wolfe' });
    const loss = (): tf.Tensor =>
      tf.addN(params.map(({ value }, i) => tf.sum(tf.square(tf.square(tf.sub(value, i + 1))))));
    await optimizer.step(loss);
    const warm = live();
    for (let i = 0; i < 100; i++) await optimizer.step(loss);
    expect(live()).toEqual(warm);
    optimizer.dispose();
    disposeParameters(params);
    expect(live()).toEqual(before);
  });

  const wrappers: [name: string, options: Omit<BuiltOptimWrapperOptions, 'optimizer'>][] = [
    ['plain', {}],
    ['clipping by norm', { clipGrad: { maxNorm: 0.1 } }],
    ['clipping by the largest magnitude', { clipGrad: { maxNorm: 0.1, normType: 'inf' } }],
    ['clipping by value', { clipGrad: { type: 'value', clipValue: 0.1 } }],
    ['accumulating', { accumulativeCounts: 2, clipGrad: { maxNorm: 1 } }],
  ];

  it.each(wrappers)('the wrapper, %s', (_, options) => {
    const before = live();
    const params = parameters();
    const wrapper = new OptimWrapper({ ...options, optimizer: new SGD(params, { lr: 1e-3, momentum: 0.9 }) });
    const loss = (): { loss: tf.Tensor; size: tf.Tensor } => {
      const sums = params.map(({ value }) => tf.sum(tf.square(value)));
      return { loss: tf.addN(sums), size: tf.mean(params[0].value) };
    };
    // two calls are one step where gradients are added up
    afterManySteps(
      () => {
        wrapper.updateParams(loss);
        if (options.accumulativeCounts !== undefined) wrapper.updateParams(loss);
      },
      () => {
        wrapper.dispose();
        disposeParameters(params);
      },
    );
    expect(live()).toEqual(before);
  });
});
