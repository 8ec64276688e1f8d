// Runs of torch.amp.GradScaler, recorded by tooling/golden/record_grad_scaler.py.
import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import type { HostArray, ParameterLike } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Adam, AdamW, AmpOptimWrapper, ASGD, NAdam, type Optimizer, RAdam, SGD } from './index.js';
import { LossScaler } from './loss-scaler.js';
import { disposeParameters, testParameter } from './testing/index.js';

interface Encoded {
  readonly shape: number[];
  readonly dtype: string;
  readonly data: string;
}
type ScalerOptions = number | Readonly<Record<string, number | boolean>>;
interface Movement {
  readonly id: string;
  readonly options: ScalerOptions;
  readonly overflows: readonly boolean[];
  readonly trace: readonly (readonly [scale: number, growthTracker: number])[];
  readonly state: Readonly<Record<string, number>>;
}
interface Training {
  readonly id: string;
  readonly options: ScalerOptions;
  readonly optimizer: string;
  readonly args: Readonly<Record<string, number>>;
  readonly accumulate: number;
  readonly max_norm: number | null;
  readonly weight: Encoded;
  readonly bias: Encoded;
  readonly factors: readonly (number | string)[];
  readonly x: Encoded;
  readonly y: Encoded;
  readonly trace: readonly {
    readonly loss: number | string;
    readonly grad_norm: number | string | null;
    readonly skipped: boolean | null;
    readonly scale: number;
    readonly weight: Encoded;
    readonly bias: Encoded;
  }[];
  readonly state: Readonly<Record<string, Encoded>>;
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/grad_scaler.json', import.meta.url), 'utf8'),
) as { readonly movements: readonly Movement[]; readonly trainings: readonly Training[] };

const camel = (name: string) => name.replace(/(?<=.)_(.)/g, (_, letter: string) => letter.toUpperCase());
const camelKeys = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [camel(key.replace(/^_/, '')), value]));
const lossScale = (options: ScalerOptions) => (typeof options === 'number' ? options : camelKeys(options));
const floats = ({ data, dtype }: Encoded): number[] => {
  const { buffer } = Uint8Array.from(Buffer.from(data, 'base64'));
  return Array.from<number | bigint, number>(
    dtype === 'int64' ? new BigInt64Array(buffer) : new Float32Array(buffer),
    Number,
  );
};
const tensorOf = (encoded: Encoded) => tf.tensor(floats(encoded), encoded.shape, 'float32');

function close(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i] as number, want[i] as number];
    if (!Number.isFinite(b)) expect(a).toBe(b);
    else expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-5 * Math.abs(b) + 1e-7);
  }
}

const optimizers = { SGD, Adam, AdamW, NAdam, RAdam, ASGD } as Readonly<
  Record<string, new (params: readonly ParameterLike[], options: object) => Optimizer>
>;

beforeAll(() => cpu().init());

describe('the loss scale moves as that of GradScaler', () => {
  it.each(golden.movements.map((movement) => [movement.id, movement] as const))('%s', (_, movement) => {
    const scaler = new LossScaler(lossScale(movement.options));
    expect(movement.trace).toHaveLength(movement.overflows.length);
    for (const [i, overflow] of movement.overflows.entries()) {
      scaler.update(overflow);
      const { growthTracker } = scaler.stateDict();
      expect([scaler.scale, growthTracker], `update ${i}`).toEqual(movement.trace[i]);
    }
    expect(scaler.stateDict()).toEqual(camelKeys(movement.state));
  });
});

describe('training with overflows, as with GradScaler', () => {
  const alive: { dispose(): void }[] = [];
  afterEach(() => {
    for (const thing of alive.splice(0)) thing.dispose();
  });

  it.each(golden.trainings.map((training) => [training.id, training] as const))('%s', async (_, training) => {
    const weight = testParameter('weight', floats(training.weight), training.weight.shape);
    const bias = testParameter('bias', floats(training.bias));
    const Optimizer = optimizers[training.optimizer] as NonNullable<(typeof optimizers)[string]>;
    const wrapper = new AmpOptimWrapper({
      optimizer: new Optimizer([weight, bias], camelKeys(training.args)),
      accumulativeCounts: training.accumulate,
      clipGrad: training.max_norm === null ? null : { maxNorm: training.max_norm },
      lossScale: lossScale(training.options),
    });
    alive.push(wrapper, { dispose: () => disposeParameters([weight, bias]) });
    let skipped = 0;
    for (const [i, want] of training.trace.entries()) {
      const { loss, gradNorm } = wrapper.updateParams(() => {
        const [x, y] = [training.x, training.y].map((data) => tf.squeeze(tf.slice(tensorOf(data), [i], [1]), [0]));
        const output = tf.add(tf.matMul(x as tf.Tensor2D, weight.value as tf.Tensor2D, false, true), bias.value);
        const error = tf.mean(tf.square(tf.sub(output, y as tf.Tensor2D)));
        return tf.mul(error, Number(training.factors[i])) as tf.Scalar;
      });
      close([await loss.read()], [Number(want.loss)]);
      if (want.grad_norm === null) expect(gradNorm).toBeUndefined();
      else if (typeof want.grad_norm === 'string') expect(await gradNorm?.read()).not.toSatisfy(Number.isFinite);
      else close([(await gradNorm?.read()) ?? Number.NaN], [want.grad_norm]);
      if (i % 2 === 0)
        await wrapper.settle(); // otherwise the next update finds out
      else void wrapper.settle();
      close(weight.value.dataSync(), floats(want.weight));
      close(bias.value.dataSync(), floats(want.bias));
      skipped += Number(want.skipped);
      if (i % 2 === 0) expect([wrapper.lossScale, wrapper.skippedUpdates]).toEqual([want.scale, skipped]);
    }
    const { tensors } = await wrapper.stateDict();
    const state = new Map<string, HostArray>([...tensors].filter(([name]) => !name.startsWith('accumulated/')));
    expect([...state.keys()].sort()).toEqual(Object.keys(training.state).map(camel).sort());
    for (const [name, want] of Object.entries(training.state))
      close(Array.from<number | bigint, number>(state.get(camel(name))?.data ?? [], Number), floats(want));
  });
});
