import { cpu } from '@engine/backend-cpu';
import { type Backend, type Logger, type ParameterLike, replaceKernel, silentLogger } from '@engine/core';
import { Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Adam, AmpOptimWrapper, type BuiltAmpOptimWrapperOptions, LBFGS, OptimWrapper, SGD } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

const plainCpu = cpu();
beforeAll(() => plainCpu.init());

const alive: { dispose(): void }[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const thing of alive.splice(0).reverse()) thing.dispose();
});

function keep<T extends { dispose(): void }>(thing: T): T {
  alive.push(thing);
  return thing;
}
function parameter(name: string, values: readonly number[], shape?: readonly number[]): ParameterLike {
  const made = testParameter(name, values, shape);
  alive.push({ dispose: () => disposeParameters([made]) });
  return made;
}
const code = (reason: string) => expect.objectContaining({ code: `ENGINE_OPTIM_${reason}` });

function setup(options: Partial<BuiltAmpOptimWrapperOptions> = {}) {
  const param = parameter('a', [1, 2]);
  const optimizer = keep(new Adam([param], { lr: 0.1 }));
  const wrapper = keep(new AmpOptimWrapper({ optimizer, ...options }));
  /** A loss whose gradient is `slope` in every element. */
  const update = (slope: number) => wrapper.updateParams(() => tf.sum(tf.mul(param.value, slope)) as tf.Scalar);
  return { param, wrapper, update, values: () => Array.from(param.value.dataSync()) };
}

/** Nearest float16, ties to even; infinite from 65520 on. */
function half(x: number): number {
  if (Math.abs(x) >= 65520) return Math.sign(x) * Number.POSITIVE_INFINITY;
  if (x === 0 || !Number.isFinite(x)) return x;
  const unit = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(x)))) - 10);
  const [lower, rest] = [Math.floor(x / unit), x / unit - Math.floor(x / unit)];
  return (rest > 0.5 || (rest === 0.5 && lower % 2 !== 0) ? lower + 1 : lower) * unit;
}

interface CpuMath {
  readonly data: { get(id: object): { values: Float32Array } };
  makeTensorInfo(shape: readonly number[], dtype: string, values: Float32Array): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}

/** The cpu backend with an autocast region in which matrix products take and give float16 numbers. */
class HalfCpu implements Backend {
  readonly #plain = plainCpu;
  readonly name = 'cpu';
  readonly init = () => this.#plain.init();
  readonly memory = () => this.#plain.memory();
  readonly synchronize = () => this.#plain.synchronize();
  readonly dispose = () => this.#plain.dispose();
  #inside = false;
  regions: string[] = [];

  constructor() {
    const original = (tf.getKernel(tf.BatchMatMul, 'cpu') as tf.KernelConfig).kernelFunc;
    replaceKernel(tf.BatchMatMul, 'cpu', (args) => {
      if (!this.#inside) return original(args);
      const math = args.backend as CpuMath;
      const rounded = ['a', 'b'].map((name): [string, tf.TensorInfo] => {
        const { dataId, shape } = args.inputs[name] as tf.TensorInfo;
        return [name, math.makeTensorInfo(shape, 'float32', math.data.get(dataId).values.map(half))];
      });
      const out = original({ ...args, inputs: Object.fromEntries(rounded) }) as tf.TensorInfo;
      for (const [, info] of rounded) math.disposeIntermediateTensorInfo(info);
      const { values } = math.data.get(out.dataId);
      values.set(values.map(half));
      return out;
    });
  }

  get capabilities() {
    return { ...this.#plain.capabilities, autocast: ['float16' as const] };
  }

  autocast<T>(dtype: 'float16' | 'bfloat16', run: () => T): T {
    this.regions.push(dtype);
    this.#inside = true;
    try {
      return run();
    } finally {
      this.#inside = false;
    }
  }
}

describe('in a backend with float16', () => {
  const product = (lossScale: BuiltAmpOptimWrapperOptions['lossScale'], factor: number, lr = 1) => {
    const backend = new HalfCpu();
    const weight = parameter('weight', [1, -1], [2, 1]);
    const wrapper = keep(new AmpOptimWrapper({ optimizer: new SGD([weight], { lr }), lossScale, backend }));
    const update = () =>
      wrapper.updateParams(() => {
        const output = tf.matMul(tf.tensor2d([[1, 3]]), weight.value as tf.Tensor2D);
        return tf.mul(tf.sum(output), factor) as tf.Scalar;
      });
    return { backend, weight, wrapper, update };
  };

  it('small gradients survive because the loss is scaled', () => {
    const [bare, scaled] = [product({ enabled: false }, 1e-8, 1e7), product('dynamic', 1e-8, 1e7)];
    for (const { update } of [bare, scaled]) update();
    expect(Array.from(bare.weight.value.dataSync())).toEqual([1, -1]);
    expect(scaled.weight.value.dataSync()[0]).toBeCloseTo(1 - 0.1, 3);
    expect(scaled.weight.value.dataSync()[1]).toBeCloseTo(-1 - 0.3, 3);
    expect(scaled.backend.regions).toEqual(['float16']);
  });

  it('updates that overflow are skipped until the scale is small enough', async () => {
    const { weight, wrapper, update } = product('dynamic', 10);
    const scales: number[] = [];
    const losses: number[] = [];
    for (let i = 0; i < 6; i++) {
      losses.push(await update().loss.read());
      await wrapper.settle();
      scales.push(wrapper.lossScale);
    }
    expect(scales).toEqual([32768, 16384, 8192, 4096, 2048, 2048]); // 3 * 10 * 2048 is below 65504
    expect(losses.slice(0, 6)).toEqual([-20, -20, -20, -20, -20, -20]);
    expect([wrapper.skippedUpdates, wrapper.skippedInRow]).toEqual([5, 0]);
    expect(Array.from(weight.value.dataSync())).toEqual([1 - 10, -1 - 30]);
  });

  it('the region is left when the loss function throws', () => {
    const { backend, wrapper, update } = product(1, 1);
    const fail = () =>
      wrapper.updateParams(() => {
        throw new Error('mine');
      });
    expect(fail).toThrow('mine');
    const exact = tf.tidy(() => tf.matMul(tf.tensor2d([[1.0001]]), tf.tensor2d([[1]])).dataSync()[0]);
    expect(exact).toBe(Math.fround(1.0001));
    update();
    expect(backend.regions).toHaveLength(2);
  });
});

describe('in a backend without reduced precision', () => {
  const warnings = () => {
    const warn = vi.fn<(message: string) => void>();
    return { warn, logger: { ...silentLogger, warn } as Logger };
  };

  it('computes in float32 and says so once', async () => {
    const { warn, logger } = warnings();
    const { wrapper, update, values } = setup({ backend: plainCpu, dtype: 'float16', logger });
    for (let i = 0; i < 3; i++) update(1);
    await wrapper.settle();
    expect(warn.mock.calls).toEqual([
      ['AmpOptimWrapper: the backend cpu has no float16; computing in float32, with the loss scale as configured.'],
    ]);
    expect(values()[0]).toBeCloseTo(0.7, 5);
  });

  it.each([
    [{}, 'no backend was given'],
    [{ backend: plainCpu }, 'the backend cpu has no reduced precision'],
  ])('also where no precision is named: %o', (options, reason) => {
    const { warn, logger } = warnings();
    setup({ ...options, logger });
    expect(warn.mock.calls).toEqual([[expect.stringContaining(reason)]]);
  });

  it('needs no warning where float32 is asked for, and the region is not entered', () => {
    const { warn, logger } = warnings();
    const backend = new HalfCpu();
    const { update } = setup({ backend, dtype: 'float32', logger });
    update(1);
    expect(warn).not.toHaveBeenCalled();
    expect(backend.regions).toEqual([]);
  });

  it('a scale that is a power of two changes no bit', () => {
    const amp = setup({ clipGrad: { maxNorm: 0.5 }, accumulativeCounts: 2 });
    const param = parameter('a', [1, 2]);
    const plain = keep(
      new OptimWrapper({
        optimizer: new Adam([param], { lr: 0.1 }),
        clipGrad: { maxNorm: 0.5 },
        accumulativeCounts: 2,
      }),
    );
    for (let i = 0; i < 6; i++) {
      amp.update(1 + i / 7);
      plain.updateParams(() => tf.sum(tf.mul(param.value, 1 + i / 7)) as tf.Scalar);
    }
    expect(amp.values()).toEqual(Array.from(param.value.dataSync()));
  });
});

describe('a skipped update', () => {
  it('is decided without reading anything back', () => {
    const { wrapper, update } = setup();
    const read = vi.spyOn(tf.Tensor.prototype, 'dataSync');
    const readLater = vi.spyOn(tf.Tensor.prototype, 'data');
    update(Number.NaN);
    expect(read).not.toHaveBeenCalled();
    expect(readLater).not.toHaveBeenCalled();
    update(1); // here the host learns of the first
    expect(read).toHaveBeenCalledTimes(1);
    expect(wrapper.skippedUpdates).toBe(1);
  });

  it('changes nothing, and the next one is as if it had not been', async () => {
    const [skipping, plain] = [setup(), setup()];
    for (const slope of [1, Number.POSITIVE_INFINITY, 2, Number.NaN, 3]) skipping.update(slope);
    for (const slope of [1, 2, 3]) plain.update(slope);
    expect(skipping.values()).toEqual(plain.values());
    const [a, b] = await Promise.all([skipping.wrapper.stateDict(), plain.wrapper.stateDict()]);
    expect([...a.tensors].map(([name, { data }]) => [name, ...data])).toEqual(
      [...b.tensors].map(([name, { data }]) => [name, ...data]),
    );
  });

  it('leaves the number of tensors flat', () => {
    const { update } = setup({ accumulativeCounts: 2, clipGrad: { maxNorm: 1 } });
    const counts: number[] = [];
    for (let i = 0; i < 40; i++) {
      update(i % 6 === 3 ? Number.NaN : 1);
      if (i % 2 === 1) counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts.slice(2)).size).toBe(1);
  });

  it('without end leads to ENGINE_OPTIM_SCALE_VANISHED', () => {
    const { update } = setup({ lossScale: { initScale: 1, backoffFactor: 1e-10 } });
    const forever = () => {
      for (let i = 0; i < 10; i++) update(Number.NaN);
    };
    expect(forever).toThrow(code('SCALE_VANISHED'));
  });
});

describe('state', () => {
  it('holds the scaler, waits for what is not known yet, and goes on bit for bit', async () => {
    const options = { lossScale: { growthInterval: 2 }, accumulativeCounts: 2 } as const;
    const [straight, resumed] = [setup(options), setup(options)];
    const slopes = [1, 2, Number.NaN, 1, 3, 1, 2, 2, Number.NaN, 2, 1, 1];
    for (const slope of slopes.slice(0, 4)) straight.update(slope);
    const state = await straight.wrapper.stateDict(); // the last update was skipped, and nobody has asked yet
    expect(state.values['lossScaler']).toEqual({
      scale: 32768,
      growthFactor: 2,
      backoffFactor: 0.5,
      growthInterval: 2,
      growthTracker: 0,
    });
    expect(state.values['skippedInRow']).toBe(1);
    resumed.param.value.assign(straight.param.value);
    resumed.wrapper.loadStateDict({ ...state, values: JSON.parse(JSON.stringify(state.values)) });
    expect(resumed.wrapper.skippedInRow).toBe(1);
    for (const slope of slopes.slice(4)) for (const run of [straight, resumed]) run.update(slope);
    expect(resumed.values()).toEqual(straight.values());
    expect((await resumed.wrapper.stateDict()).values).toEqual((await straight.wrapper.stateDict()).values);
    expect(resumed.wrapper.lossScale).toBe(32768); // grown once, then an overflow
  });

  it('of a plain wrapper leaves the scale as it is; a disabled scaler has none', async () => {
    const param = parameter('a', [1, 2]);
    const plain = keep(new OptimWrapper({ optimizer: new Adam([param], {}) }));
    const { wrapper } = setup({ lossScale: { initScale: 8 } });
    wrapper.loadStateDict(await plain.stateDict());
    expect(wrapper.lossScale).toBe(8);
    const disabled = setup({ lossScale: { enabled: false } });
    const state = await disabled.wrapper.stateDict();
    expect([disabled.wrapper.lossScale, state.values['lossScaler']]).toEqual([1, {}]);
    expect(() => wrapper.loadStateDict(state)).toThrow(code('STATE_MISMATCH'));
    disabled.wrapper.loadStateDict(await wrapper.stateDict());
    expect(disabled.wrapper.lossScale).toBe(1);
  });

  it('of a fixed scale holds for one update when the config has another, as in MMEngine', async () => {
    const [before, after] = [setup({ lossScale: 4 }), setup({ lossScale: 16 })];
    after.wrapper.loadStateDict(await before.wrapper.stateDict());
    expect(after.wrapper.lossScale).toBe(4);
    after.update(1);
    await after.wrapper.settle();
    expect(after.wrapper.lossScale).toBe(16);
  });
});

describe('options', () => {
  it.each<[string, object]>([
    ['a scale of 0', { lossScale: 0 }],
    ['a word', { lossScale: 'static' }],
    ['a growth that shrinks', { lossScale: { growthFactor: 1 } }],
    ['a backoff that grows', { lossScale: { backoffFactor: 1 } }],
    ['an interval of half an update', { lossScale: { growthInterval: 0.5 } }],
    ['an unknown field', { lossScale: { scale: 2 } }],
    ['a precision that tensors do not have', { dtype: 'float64' }],
    ['an option of no wrapper', { useFsdp: true }],
  ])('refuses %s', (_, options) => {
    const registryCode = expect.objectContaining({ code: expect.stringMatching(/^ENGINE_REGISTRY_/) });
    expect(() => setup(options as BuiltAmpOptimWrapperOptions)).toThrow(registryCode);
  });

  it('refuses an optimizer that cannot take an update back with ENGINE_OPTIM_CANNOT_SKIP', () => {
    const optimizer = keep(new LBFGS([parameter('a', [1])], {}));
    expect(() => new AmpOptimWrapper({ optimizer })).toThrow(code('CANNOT_SKIP'));
  });

  it('come from a config in both spellings, with the backend of the run', () => {
    const registry = new Registry();
    registry.register(SGD);
    registry.register(AmpOptimWrapper);
    const backend = new HalfCpu();
    for (const config of [
      { type: AmpOptimWrapper, optimizer: { type: SGD }, lossScale: { initScale: 8 }, dtype: 'float16' },
      { type: 'AmpOptimWrapper', optimizer: { type: 'SGD' }, loss_scale: { init_scale: 8 }, dtype: 'float16' },
    ] as const) {
      const param = parameter('a', [1]);
      const wrapper = keep(registry.build('optimWrapper', config, { args: { params: [param], backend } }));
      wrapper.updateParams(() => tf.sum(param.value) as tf.Scalar);
      expect((wrapper as AmpOptimWrapper).lossScale).toBe(8);
    }
    expect(backend.regions).toEqual(['float16', 'float16']);
  });
});
