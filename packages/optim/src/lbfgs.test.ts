import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LBFGS, type LBFGSOptions, Muon } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

beforeAll(() => cpu().init());

describe('LBFGS', () => {
  const params: ReturnType<typeof testParameter>[] = [];
  afterEach(() => disposeParameters(params.splice(0)));

  const make = (options: LBFGSOptions) => {
    const param = testParameter('p', [-1, 1.5]);
    params.push(param);
    const loss = () =>
      tf.tidy(() => {
        const [x, y] = tf.split(param.value, 2) as [tf.Tensor, tf.Tensor];
        return tf.sum(tf.add(tf.square(tf.sub(1, x)), tf.mul(10, tf.square(tf.sub(y, tf.square(x))))));
      }) as tf.Scalar;
    return { param, loss, optimizer: new LBFGS([param], options) };
  };

  it('takes the steps of PyTorch on a curved valley', async () => {
    const { param, loss, optimizer } = make({ maxIter: 4, lineSearchFn: 'strong_wolfe' });
    expect(await optimizer.step(loss)).toBeCloseTo(6.5, 5);
    const [x, y] = await param.value.data();
    expect(x).toBeCloseTo(-1.0982912745, 4);
    expect(y).toBeCloseTo(1.3306377017, 4);
  });

  it('goes on bit for bit from a saved state, and keeps no tensor', async () => {
    const [straight, resumed] = [make({ maxIter: 4, lr: 0.5 }), make({ maxIter: 4, lr: 0.1 })];
    await straight.optimizer.step(straight.loss);
    resumed.param.value.assign(straight.param.value);
    resumed.optimizer.loadStateDict(await straight.optimizer.stateDict());
    const before = tf.memory().numTensors;
    for (const { optimizer, loss } of [straight, resumed]) await optimizer.step(loss);
    expect(await resumed.param.value.data()).toEqual(await straight.param.value.data());
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses what it cannot do', async () => {
    const { optimizer, loss } = make({});
    const other = testParameter('q', [1]);
    params.push(other);
    expect(() => optimizer.apply()).toThrow(expect.objectContaining({ code: 'ENGINE_OPTIM_NEEDS_CLOSURE' }));
    const groups = [{ params: [other] }, { params: [testParameterOf('r')] }];
    expect(() => new LBFGS(groups)).toThrow(expect.objectContaining({ code: 'ENGINE_OPTIM_ONE_GROUP' }));
    await optimizer.step(loss);
    const foreign = await new LBFGS([other]).stateDict();
    expect(() => optimizer.loadStateDict(foreign)).toThrow(
      expect.objectContaining({ code: 'ENGINE_OPTIM_STATE_MISMATCH' }),
    );
    expect(() => new Muon([other])).toThrow(expect.objectContaining({ code: 'ENGINE_OPTIM_NOT_A_MATRIX' }));
  });

  function testParameterOf(name: string): ReturnType<typeof testParameter> {
    const param = testParameter(name, [1]);
    params.push(param);
    return param;
  }
});
