import { cpu } from '@engine/backend-cpu';
import type { ParameterLike } from '@engine/core';
import { tensorScope } from '@engine/core';
import { Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AdamW, type BuiltOptimWrapperOptions, type Optimizer, OptimWrapper, SGD } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

beforeAll(() => cpu().init());

const alive: { dispose(): void }[] = [];
afterEach(() => {
  for (const thing of alive.splice(0)) thing.dispose();
});

function keep<T extends { dispose(): void }>(thing: T): T {
  alive.push(thing);
  return thing;
}

function parameter(name: string, values: readonly number[]): ParameterLike {
  const made = testParameter(name, values);
  alive.push({ dispose: () => disposeParameters([made]) });
  return made;
}

function setup(
  options: Partial<BuiltOptimWrapperOptions> = {},
  make: (params: readonly ParameterLike[]) => Optimizer = (params) => new SGD(params, { lr: 0.1 }),
) {
  const params = [parameter('a', [1, 2]), parameter('b', [3])] as const;
  const wrapper = keep(new OptimWrapper({ optimizer: make(params), ...options }));
  const [a, b] = params;
  return { params, a, b, wrapper };
}

const sumOfSquares = (...params: readonly ParameterLike[]) =>
  tf.addN(params.map(({ value }) => tf.sum(tf.square(value))));
const code = (reason: string) => expect.objectContaining({ code: reason });

describe('updateParams', () => {
  it('reports the loss and everything else by name, as properties too', async () => {
    const { wrapper, a, b } = setup();
    const outputs = wrapper.updateParams(() => {
      const loss = sumOfSquares(a, b);
      return { loss, lossAgain: loss, 'accuracy/top1': tf.scalar(25) };
    });
    expect(outputs.names).toEqual(['loss', 'lossAgain', 'accuracy/top1']);
    const { loss, lossAgain } = outputs;
    expect([await loss.read(), await lossAgain.read(), await outputs['accuracy/top1'].read()]).toEqual([14, 14, 25]);
    expect(await outputs.read('loss')).toBe(14);
  });

  it('takes a step down the gradient', () => {
    const { wrapper, a, b } = setup();
    wrapper.updateParams(() => sumOfSquares(a, b));
    expect(Array.from(a.value.dataSync())).toEqual([0.8, 1.6].map(Math.fround));
    expect(b.value.dataSync()[0]).toBeCloseTo(2.4, 6);
  });

  it('frees the outputs of the step before, unless somebody retained them', async () => {
    const { wrapper, a, b } = setup();
    const first = wrapper.updateParams(() => ({ loss: sumOfSquares(a, b), kept: tf.scalar(7) }));
    const kept = keep(first.kept.retain());
    wrapper.updateParams(() => sumOfSquares(a, b));
    expect(first.loss.tensor.isDisposed).toBe(true);
    await expect(first.loss.read()).rejects.toThrow(code('ENGINE_CORE_SCALAR_FREED'));
    first.dispose();
    expect(await kept.read()).toBe(7);
  });

  it('needs no tidy: the number of tensors is flat with clipping, accumulation and Adam', () => {
    const { wrapper, a, b } = setup(
      { accumulativeCounts: 3, clipGrad: { maxNorm: 1 } },
      (params) => new AdamW(params, {}),
    );
    const counts: number[] = [];
    for (let i = 0; i < 12; i++) {
      wrapper.updateParams(() => ({ loss: sumOfSquares(a, b), extra: tf.scalar(i) }));
      counts.push(tf.memory().numTensors);
    }
    expect(counts.slice(6)).toEqual(counts.slice(3, 9));
  });

  it('does not free a tensor that the loss function returns but does not own', () => {
    const { wrapper, a, b } = setup();
    const mine = keep(tf.scalar(3));
    wrapper.updateParams(() => ({ loss: sumOfSquares(a, b), mine }));
    wrapper.updateParams(() => ({ loss: sumOfSquares(a, b), mine }));
    expect(mine.isDisposed).toBe(false);
  });

  it('works inside a tensor scope, as in the loop', async () => {
    const { wrapper, a, b } = setup({ accumulativeCounts: 2 });
    const outputs = tensorScope(() => wrapper.updateParams(() => sumOfSquares(a, b)));
    tensorScope(() => void tf.square(tf.scalar(1)));
    expect(await outputs.loss.read()).toBe(14);
  });

  it('leaves frozen parameters and those without a gradient alone', () => {
    const { wrapper, a, b } = setup({}, (params) => new AdamW(params, { lr: 0.1 }));
    a.trainable = false;
    wrapper.updateParams(() => sumOfSquares(a, b));
    expect(Array.from(a.value.dataSync())).toEqual([1, 2]);
    a.trainable = true;
    wrapper.updateParams(() => sumOfSquares(a));
    expect(a.value.dataSync()[0]).toBeLessThan(1);
    expect(b.value.dataSync()[0]).toBeCloseTo(2.897, 5);
  });

  it('gives parameters that share one gradient tensor their own sums', () => {
    const { wrapper, a, b } = setup({ accumulativeCounts: 2 });
    const shared = () => tf.add(tf.sum(a.value), tf.sum(b.value)) as tf.Scalar;
    wrapper.updateParams(shared);
    wrapper.updateParams(shared);
    expect(b.value.dataSync()[0]).toBeCloseTo(2.9, 6);
    expect(a.value.dataSync()[1]).toBeCloseTo(1.9, 6);
  });
});

describe('accumulation', () => {
  it('steps as one large batch would', () => {
    const whole = setup();
    const parts = setup({ accumulativeCounts: 2 });
    whole.wrapper.updateParams(() => tf.div(tf.add(sumOfSquares(whole.a), tf.sum(whole.b.value)), 2) as tf.Scalar);
    parts.wrapper.updateParams(() => sumOfSquares(parts.a));
    expect(Array.from(parts.a.value.dataSync())).toEqual([1, 2]);
    parts.wrapper.updateParams(() => tf.sum(parts.b.value));
    expect(Array.from(parts.a.value.dataSync())).toEqual(Array.from(whole.a.value.dataSync()));
    expect(parts.b.value.dataSync()).toEqual(whole.b.value.dataSync());
  });

  it('steps at the announced end and refuses to go beyond it', () => {
    const { wrapper, a, b } = setup({ accumulativeCounts: 2 });
    wrapper.initializeCountStatus(0, 2);
    wrapper.updateParams(() => sumOfSquares(a, b));
    wrapper.updateParams(() => sumOfSquares(a, b));
    expect(() => wrapper.updateParams(() => sumOfSquares(a, b))).toThrow(code('ENGINE_OPTIM_COUNT_EXCEEDED'));
  });

  it.each([
    [-1, 4],
    [0.5, 4],
    [5, 4],
    [0, Number.NaN],
  ])('refuses the position %d of %d with ENGINE_OPTIM_BAD_COUNT', (init, max) => {
    expect(() => setup().wrapper.initializeCountStatus(init, max)).toThrow(code('ENGINE_OPTIM_BAD_COUNT'));
  });
});

describe('accumulation that counts by tokens', () => {
  const batches = [
    { values: [1, 2, 3], tokens: 3 },
    { values: [10], tokens: 1 },
    { values: [4, 4], tokens: 2 },
    { values: [], tokens: 0 },
  ] as const;
  /** The mean over the tokens of a batch; 0 where there are none. */
  const meanOver = (a: ParameterLike, { values, tokens }: (typeof batches)[number]) => ({
    loss: tf.div(tf.sum(tf.mul(tf.sum(a.value), tf.tensor1d([...values]))), Math.max(tokens, 1)) as tf.Scalar,
    tokens: tf.scalar(tokens, 'int32'),
  });

  it('steps by the mean over all tokens of the window, whatever batch they came in', async () => {
    const parts = setup({ accumulativeCounts: 3, weightedBy: 'tokens' });
    const losses: number[] = [];
    for (const batch of batches.slice(0, 3))
      losses.push(await parts.wrapper.updateParams(() => meanOver(parts.a, batch)).loss.read());
    expect(losses).toEqual([2 * 3, 10 * 3, 4 * 3]); // each its own mean
    const mean = (1 + 2 + 3 + 10 + 4 + 4) / 6;
    expect(parts.a.value.dataSync()[0]).toBeCloseTo(1 - 0.1 * mean, 5);
    expect(parts.a.value.dataSync()[1]).toBeCloseTo(2 - 0.1 * mean, 5);
  });

  it('differs from counting every batch the same', () => {
    const [weighted, plain] = [
      setup({ accumulativeCounts: 2, weightedBy: 'tokens' }),
      setup({ accumulativeCounts: 2 }),
    ];
    for (const batch of batches.slice(0, 2))
      for (const { wrapper, a } of [weighted, plain]) wrapper.updateParams(() => meanOver(a, batch));
    expect(plain.a.value.dataSync()[0]).toBeCloseTo(1 - 0.1 * ((2 + 10) / 2), 5);
    expect(weighted.a.value.dataSync()[0]).toBeCloseTo(1 - 0.1 * (16 / 4), 5);
  });

  it('takes a window without a single token for a gradient of zero', () => {
    const { wrapper, a } = setup({ accumulativeCounts: 2, weightedBy: 'tokens' });
    for (let i = 0; i < 2; i++) wrapper.updateParams(() => meanOver(a, batches[3]));
    expect(Array.from(a.value.dataSync())).toEqual([1, 2]);
  });

  it('lets no gradient through the weight', () => {
    const { wrapper, a } = setup({ weightedBy: 'size' });
    wrapper.updateParams(() => ({ loss: tf.sum(a.value), size: tf.sum(tf.square(a.value)) }));
    expect(a.value.dataSync()[0]).toBeCloseTo(0.9, 6);
  });

  it('is part of the state, in the middle of a window', async () => {
    const options = { accumulativeCounts: 3, weightedBy: 'tokens' };
    const [straight, resumed] = [setup(options), setup(options)];
    for (const batch of batches.slice(0, 2)) straight.wrapper.updateParams(() => meanOver(straight.a, batch));
    const state = await straight.wrapper.stateDict();
    expect(state.values['accumulatedWeight']).toBe(4);
    resumed.wrapper.loadStateDict({ ...state, values: JSON.parse(JSON.stringify(state.values)) });
    for (const run of [straight, resumed]) run.wrapper.updateParams(() => meanOver(run.a, batches[2]));
    expect(resumed.a.value.dataSync()).toEqual(straight.a.value.dataSync());
    expect((await resumed.wrapper.stateDict()).values).not.toHaveProperty('accumulatedWeight');
  });

  it('keeps the number of tensors flat', () => {
    const { wrapper, a } = setup({ accumulativeCounts: 2, weightedBy: 'tokens' });
    const counts = Array.from({ length: 8 }, () => {
      wrapper.updateParams(() => meanOver(a, batches[0]));
      return tf.memory().numTensors;
    });
    expect(counts.slice(4)).toEqual(counts.slice(2, 6));
  });

  it.each<[string, (a: ParameterLike) => unknown]>([
    ['a bare loss', (a) => tf.sum(a.value)],
    ['no such output', (a) => ({ loss: tf.sum(a.value) })],
    ['a vector', (a) => ({ loss: tf.sum(a.value), tokens: a.value })],
    ['a number', (a) => ({ loss: tf.sum(a.value), tokens: 3 })],
  ])('refuses %s with ENGINE_OPTIM_BAD_LOSS, without leaking', (_, loss) => {
    const { wrapper, a } = setup({ weightedBy: 'tokens' });
    const before = tf.memory().numTensors;
    expect(() => wrapper.updateParams(() => loss(a) as tf.Tensor)).toThrow(
      expect.objectContaining({ code: 'ENGINE_OPTIM_BAD_LOSS', subject: 'tokens' }),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('gradients that are not finite', () => {
  const adam = (params: readonly ParameterLike[]) => new AdamW(params, { lr: 0.1 });
  const nan = (a: ParameterLike) => tf.mul(tf.sum(a.value), Number.NaN) as tf.Scalar;

  it('reach the parameters of plain training, as in PyTorch; gradNorm shows it', async () => {
    const { wrapper, a } = setup({ clipGrad: { maxNorm: 1 } });
    const { gradNorm } = wrapper.updateParams(() => nan(a));
    expect(await gradNorm?.read()).toBeNaN();
    expect(Array.from(a.value.dataSync())).toEqual([Number.NaN, Number.NaN]);
    expect(wrapper.settle()).toBeUndefined();
  });

  it('with errorIfNonfinite are an error at settle, and the update is not made', async () => {
    const { wrapper, a, b } = setup({ clipGrad: { maxNorm: 1, errorIfNonfinite: true } }, adam);
    wrapper.updateParams(() => sumOfSquares(a, b));
    await wrapper.settle();
    const [before, tensors] = [Array.from(a.value.dataSync()), tf.memory().numTensors];
    wrapper.updateParams(() => nan(a));
    await expect(wrapper.settle()).rejects.toThrow(code('ENGINE_OPTIM_NON_FINITE_GRADIENT'));
    expect(Array.from(a.value.dataSync())).toEqual(before);
    expect((await wrapper.stateDict()).tensors.get('step/a')?.data).toEqual(BigInt64Array.of(1n));
    wrapper.updateParams(() => sumOfSquares(a, b)); // whoever catches it may go on
    await wrapper.settle();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('with errorIfNonfinite and nobody who settles are an error of the next update', () => {
    const { wrapper, a, b } = setup({ clipGrad: { maxNorm: 1, normType: 'inf', errorIfNonfinite: true } }, adam);
    wrapper.updateParams(() => nan(a));
    expect(() => wrapper.updateParams(() => sumOfSquares(a, b))).toThrow(code('ENGINE_OPTIM_NON_FINITE_GRADIENT'));
  });

  it('need an optimizer that can take an update back', () => {
    const optimizer = { ...setup().wrapper.optimizer, apply: () => {}, paramGroups: [] } as unknown as Optimizer;
    const make = () => new OptimWrapper({ optimizer, clipGrad: { maxNorm: 1, errorIfNonfinite: true } });
    expect(make).toThrow(code('ENGINE_OPTIM_CANNOT_SKIP'));
  });
});

describe('state', () => {
  it('goes on bit for bit from the middle of an accumulation window', async () => {
    const options = { accumulativeCounts: 3, clipGrad: { maxNorm: 0.5 } };
    const adam = (params: readonly ParameterLike[]) =>
      new AdamW([{ params: [params[0] as ParameterLike], lr: 0.3 }, { params: [params[1] as ParameterLike] }], {});
    const straight = setup(options, adam);
    const loss =
      ({ a, b }: typeof straight, i: number) =>
      () =>
        tf.mul(sumOfSquares(a, b), 1 + i / 7) as tf.Scalar;
    straight.wrapper.initializeCountStatus(0, 11);
    for (let i = 0; i < 5; i++) straight.wrapper.updateParams(loss(straight, i));
    (straight.wrapper.paramGroups[2] as { lr: number }).lr = 0.123;
    const state = await straight.wrapper.stateDict();
    const saved = JSON.parse(JSON.stringify(state.values));
    expect([...state.tensors.keys()].filter((name) => name.startsWith('accumulated/'))).toEqual([
      'accumulated/a',
      'accumulated/b',
    ]);

    const resumed = setup(options, adam);
    for (const [i, param] of resumed.params.entries()) param.value.assign(straight.params[i]?.value as tf.Tensor);
    resumed.wrapper.loadStateDict({ ...state, values: saved });
    for (let i = 5; i < 11; i++) {
      const [x, y] = [straight, resumed].map((run) => run.wrapper.updateParams(loss(run, i)));
      expect(await y?.loss.read()).toBe(await x?.loss.read());
    }
    expect(resumed.params.map((p) => p.value.dataSync())).toEqual(straight.params.map((p) => p.value.dataSync()));
    expect(resumed.wrapper.getLr()).toEqual({ baseLr: [0.123], lr: [0.3, 0.001] });
  });

  it('refuses foreign states with ENGINE_OPTIM_STATE_MISMATCH', async () => {
    const { wrapper, a, b } = setup({ accumulativeCounts: 2 });
    wrapper.updateParams(() => sumOfSquares(a, b));
    const state = await wrapper.stateDict();
    const bare = await wrapper.optimizer.stateDict();
    const sum = [...state.tensors].map(([, array]) => array)[0];
    const strange = new Map([...state.tensors, ['accumulated/c', sum]]) as typeof state.tensors;
    const misshapen = new Map([...state.tensors, ['accumulated/b', sum]]) as typeof state.tensors;
    for (const tensors of [strange, misshapen]) {
      expect(() => wrapper.loadStateDict({ ...state, tensors })).toThrow(code('ENGINE_OPTIM_STATE_MISMATCH'));
    }
    expect(() => wrapper.loadStateDict({ ...bare, values: {} })).toThrow(code('ENGINE_OPTIM_STATE_MISMATCH'));
  });
});

describe('misuse', () => {
  it('refuses a loss function that returns a promise', () => {
    const { wrapper } = setup();
    const before = tf.memory().numTensors;
    const lossFn = (async () => tf.scalar(1)) as unknown as () => tf.Tensor;
    expect(() => wrapper.updateParams(lossFn)).toThrow(code('ENGINE_OPTIM_ASYNC_LOSS'));
    const rejecting = (() => Promise.reject(new Error('lost'))) as unknown as () => tf.Tensor;
    expect(() => wrapper.updateParams(rejecting)).toThrow(code('ENGINE_OPTIM_ASYNC_LOSS'));
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, (a: ParameterLike) => unknown]>([
    ['nothing', () => undefined],
    ['a number', () => 3],
    ['a record without a loss', () => ({ lossA: tf.scalar(1) })],
    ['a vector', (a) => tf.square(a.value)],
    ['an integer', () => tf.scalar(1, 'int32')],
    ['a record with a vector', (a) => ({ loss: tf.sum(a.value), each: tf.square(a.value) })],
    ['a record with a number', (a) => ({ loss: tf.sum(a.value), each: 3 })],
  ])('refuses %s as a loss with ENGINE_OPTIM_BAD_LOSS, without leaking', (_, loss) => {
    const { wrapper, a } = setup();
    const before = tf.memory().numTensors;
    expect(() => wrapper.updateParams(() => loss(a) as tf.Tensor)).toThrow(code('ENGINE_OPTIM_BAD_LOSS'));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a loss that reaches no trainable parameter, without leaking', () => {
    const { wrapper, a, b } = setup();
    const before = tf.memory().numTensors;
    expect(() => wrapper.updateParams(() => tf.scalar(1))).toThrow(code('ENGINE_OPTIM_NO_GRADIENT'));
    a.trainable = false;
    b.trainable = false;
    expect(() => wrapper.updateParams(() => sumOfSquares(a, b))).toThrow(code('ENGINE_OPTIM_NO_GRADIENT'));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('recovers from an error of the loss function', async () => {
    const { wrapper, a, b } = setup();
    const before = tf.memory().numTensors;
    const fail = (): tf.Tensor => {
      sumOfSquares(a, b);
      throw new Error('mine');
    };
    expect(() => wrapper.updateParams(fail)).toThrow('mine');
    expect(tf.memory().numTensors).toBe(before);
    const { loss } = wrapper.updateParams(() => sumOfSquares(a, b));
    expect(await loss.read()).toBe(14);
  });

  it('refuses what is not an optimizer with ENGINE_OPTIM_NOT_AN_OPTIMIZER', () => {
    const config = { type: SGD, lr: 0.1 } as unknown as Optimizer;
    expect(() => new OptimWrapper({ optimizer: config })).toThrow(code('ENGINE_OPTIM_NOT_AN_OPTIMIZER'));
  });

  it('refuses what is not a parameter with ENGINE_OPTIM_NOT_A_PARAMETER', () => {
    for (const params of [undefined, 3, [3], [{}], [{ params: [3] }], { params: [] }]) {
      const make = () => new SGD(params as unknown as ParameterLike[], {});
      expect(make).toThrow(code('ENGINE_OPTIM_NOT_A_PARAMETER'));
    }
    expect(() => new SGD([{ params: [] }], {})).toThrow(code('ENGINE_OPTIM_NO_PARAMETERS'));
  });
});

describe('as an entry', () => {
  it('builds with its optimizer from a config, by class and by name, in both spellings', () => {
    const registry = new Registry();
    registry.register(SGD);
    registry.register(OptimWrapper);
    const params = [parameter('a', [1])];
    for (const config of [
      { type: OptimWrapper, optimizer: { type: SGD, lr: 0.5, weightDecay: 0.25 }, clipGrad: { maxNorm: 2 } },
      { type: 'OptimWrapper', optimizer: { type: 'SGD', lr: 0.5, weight_decay: 0.25 }, clip_grad: { max_norm: 2 } },
    ]) {
      const wrapper = keep(registry.build('optimWrapper', config, { args: { params } }));
      expect(wrapper.optimizer).toBeInstanceOf(SGD);
      expect(wrapper.paramGroups[0]).toMatchObject({ lr: 0.5, weightDecay: 0.25, momentum: 0 });
    }
  });

  it('takes an optimizer that is built already', () => {
    const params = [parameter('a', [1])];
    const optimizer = new SGD(params, {});
    const wrapper = keep(new Registry().build('optimWrapper', { type: OptimWrapper, optimizer }, { args: { params } }));
    expect(wrapper.optimizer).toBe(optimizer);
  });
});
