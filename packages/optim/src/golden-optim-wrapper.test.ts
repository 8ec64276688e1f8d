import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clipGradients } from './clip-grad.js';
import { Adam, type ClipGradOptions, OptimWrapper, SGD } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

/** Recorded runs of MMEngine's OptimWrapper (shared parity data `numerics/optimwrapper.json`). */
interface Encoded {
  readonly shape: number[];
  readonly data: string;
}
interface Golden {
  readonly accumulation: readonly {
    readonly id: string;
    readonly accumulative_counts: number;
    readonly clip_grad: { type?: string; max_norm?: number; norm_type?: number | string; clip_value?: number } | null;
    readonly max_counts: number;
    readonly init_counts: number;
    readonly initialize_count_status: boolean;
    readonly optimizer: { type: string; lr: number; momentum?: number };
    readonly weight: Encoded;
    readonly bias: Encoded;
    readonly x: Encoded;
    readonly y: Encoded;
    readonly trace: readonly {
      readonly loss: number;
      readonly stepped: boolean;
      readonly inner_count: number;
      readonly grad_norm?: number | null;
      readonly weight: Encoded;
      readonly bias: Encoded;
    }[];
  }[];
  readonly clip_grad_norm: readonly {
    grads: Encoded[];
    max_norm: number;
    norm_type: number | string;
    total_norm: number;
    clipped: Encoded[];
  }[];
  readonly lr_and_momentum: readonly {
    readonly optimizer: string;
    readonly args: { lr: number; weight_decay?: number };
    readonly two_groups: boolean;
    readonly get_lr: { base_lr?: number[]; lr: number[] };
    readonly get_momentum: { momentum: number[] };
    readonly n_param_groups: number;
  }[];
  readonly constructor_errors: readonly { args: { accumulative_counts?: number; clip_grad?: unknown } }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/optimwrapper.json', import.meta.url), 'utf8'),
) as Golden;
const floats = ({ data }: Encoded) => new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer);
const tensorOf = (encoded: Encoded) => tf.tensor(floats(encoded), encoded.shape, 'float32');
const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
const options = (args: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(args).map(([key, value]) => [camel(key), value === 'Infinity' ? 'inf' : value]));

function close(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i] as number, want[i] as number];
    expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-5 * Math.abs(b) + 1e-7);
  }
}

beforeAll(() => cpu().init());

describe('MMEngine OptimWrapper', () => {
  const alive: { dispose(): void }[] = [];
  afterEach(() => {
    for (const thing of alive.splice(0)) thing.dispose();
  });

  it.each(golden.accumulation.map((c) => [c.id, c] as const))('%s', async (_, c) => {
    const weight = testParameter('weight', floats(c.weight), c.weight.shape);
    const bias = testParameter('bias', floats(c.bias));
    alive.push({ dispose: () => disposeParameters([weight, bias]) });
    const { type, ...args } = c.optimizer;
    const optimizer = new (type === 'Adam' ? Adam : SGD)([weight, bias], args);
    const clipGrad = c.clip_grad === null ? null : (options(c.clip_grad) as unknown as ClipGradOptions);
    const wrapper = new OptimWrapper({ optimizer, accumulativeCounts: c.accumulative_counts, clipGrad });
    alive.push(wrapper);
    if (c.initialize_count_status) wrapper.initializeCountStatus(c.init_counts, c.max_counts);
    const [count, items] = [c.trace.length, c.x.shape[0] as number];
    expect(count).toBeGreaterThan(0);
    for (const [t, want] of c.trace.entries()) {
      const item = items === count ? t : c.init_counts + t;
      const { loss, gradNorm } = wrapper.updateParams(() => {
        const [x, y] = [c.x, c.y].map((data) => tf.squeeze(tf.slice(tensorOf(data), [item], [1]), [0])) as [
          tf.Tensor2D,
          tf.Tensor2D,
        ];
        const output = tf.add(tf.matMul(x, weight.value as tf.Tensor2D, false, true), bias.value);
        return tf.mean(tf.square(tf.sub(output, y)));
      });
      close([await loss.read()], [want.loss]);
      if (typeof want.grad_norm === 'number') close([(await gradNorm?.read()) ?? Number.NaN], [want.grad_norm]);
      else expect(gradNorm).toBeUndefined();
      expect(wrapper.innerCount).toBe(want.inner_count);
      close(weight.value.dataSync(), floats(want.weight));
      close(bias.value.dataSync(), floats(want.bias));
    }
  });

  it.each(golden.clip_grad_norm.map((c, i) => [i, c] as const))('clip_grad_norm %i', (_, c) => {
    expect.hasAssertions();
    tensorScope(() => {
      const grads = new Map(c.grads.map((grad, i) => [String(i), tensorOf(grad)]));
      const normType = c.norm_type === 'Infinity' ? 'inf' : (c.norm_type as number);
      const { grads: clipped, norm } = clipGradients(grads, { type: 'norm', maxNorm: c.max_norm, normType });
      expect(clipped.size).toBe(c.clipped.length);
      close(norm?.dataSync() ?? [], [c.total_norm]);
      for (const [i, want] of c.clipped.entries()) close(clipped.get(String(i))?.dataSync() ?? [], floats(want));
    });
  });

  const known = golden.lr_and_momentum.filter((c) => c.optimizer !== 'Adagrad');
  it.each(known.map((c, i) => [`${i} ${c.optimizer}`, c] as const))('learning rate and momentum %s', (_, c) => {
    const params = [testParameter('a', [1]), testParameter('b', [2])] as const;
    alive.push({ dispose: () => disposeParameters(params) });
    const groups = [{ params: [params[0]], lr: 0.5 }, { params: [params[1]] }];
    const optimizer = new (c.optimizer === 'Adam' ? Adam : SGD)(c.two_groups ? groups : params, options(c.args));
    const wrapper = new OptimWrapper({ optimizer });
    alive.push(wrapper);
    expect(wrapper.getLr()).toEqual(options(c.get_lr));
    expect(wrapper.getMomentum()).toEqual(c.get_momentum);
    expect(wrapper.paramGroups).toHaveLength(c.n_param_groups);
  });

  it('refuses what its constructor refuses', () => {
    expect(golden.constructor_errors).toHaveLength(5);
    const params = [testParameter('a', [1])];
    const optimizer = new SGD(params, {});
    alive.push(optimizer, { dispose: () => disposeParameters(params) });
    for (const { args } of golden.constructor_errors) {
      const make = () => new OptimWrapper({ optimizer, ...(options(args) as object) });
      expect(make, JSON.stringify(args)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ENGINE_REGISTRY_/) }),
      );
    }
  });
});
