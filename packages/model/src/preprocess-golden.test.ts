import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { type HostArray, hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { cutmix, ImgDataPreprocessor, mixup, parseLosses, resizemix, upload } from './index.js';
import { decode, type GoldenTensor } from './testing/golden.js';

/** MMEngine's preprocessor and losses, and mixed batches; see tooling/golden/record_preprocess.py. */
interface Golden {
  readonly preprocess: readonly {
    id: string;
    args: Record<string, never>;
    inputs: GoldenTensor | GoldenTensor[];
    output: GoldenTensor;
  }[];
  readonly losses: readonly {
    id: string;
    losses: Record<string, GoldenTensor | GoldenTensor[]>;
    total: number;
    log_vars: [string, number][];
  }[];
  readonly mixing: readonly {
    id: string;
    kind: 'mixup' | 'cutmix' | 'resizemix';
    order: number[];
    lam?: number;
    box?: [number, number, number, number];
    images: GoldenTensor;
    targets: GoldenTensor;
    mixed_images: GoldenTensor;
    mixed_targets: GoldenTensor;
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/preprocess.json', import.meta.url), 'utf8'),
) as Golden;

beforeAll(() => cpu().init());

/** Largest difference, relative to the largest magnitude expected. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1e-30, ...Array.from(expected, Math.abs));
  return Math.max(0, ...Array.from(expected, (x, i) => Math.abs((actual[i] as number) - x) / scale));
}

/** Channels last. */
function toOurs(tensor: GoldenTensor): tf.Tensor {
  const x = upload(decode(tensor));
  return x.rank === 4 ? tf.transpose(x, [0, 2, 3, 1]) : x.rank === 3 ? tf.transpose(x, [1, 2, 0]) : x;
}
const toTorch = (x: tf.Tensor): tf.Tensor => (x.rank === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x);

function imageOf(tensor: GoldenTensor): HostArray {
  const x = toOurs(tensor);
  return hostArray('uint8', x.shape, Uint8Array.from(x.dataSync()));
}

const camel = (args: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()), value]),
  );

it.each(golden.preprocess.map((c) => [c.id, c] as const))('ImgDataPreprocessor: %s', (_, c) => {
  tf.tidy(() => {
    const inputs = Array.isArray(c.inputs) ? c.inputs.map(imageOf) : imageOf(c.inputs);
    const output = new ImgDataPreprocessor(camel(c.args)).process({ inputs }, true).inputs as tf.Tensor;
    expect(toTorch(output).shape).toEqual(c.output.shape);
    expect(relativeError(toTorch(output).dataSync(), decode(c.output).data as Float32Array)).toBeLessThan(1e-6);
  });
});

it.each(golden.losses.map((c) => [c.id, c] as const))('parseLosses: %s', (_, c) => {
  tf.tidy(() => {
    const losses = Object.fromEntries(
      Object.entries(c.losses).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map((item) => upload(decode(item))) : upload(decode(value)),
      ]),
    );
    const { total, logVars } = parseLosses(losses);
    expect(relativeError(total.dataSync(), [c.total])).toBeLessThan(1e-6);
    expect(Object.keys(logVars)).toEqual(c.log_vars.map(([name]) => name));
    for (const [name, value] of c.log_vars)
      expect(relativeError((logVars[name] as tf.Tensor).dataSync(), [value]), name).toBeLessThan(1e-6);
  });
});

describe('mixing', () => {
  it.each(golden.mixing.map((c) => [c.id, c] as const))('%s', (_, c) => {
    tf.tidy(() => {
      const batch = { images: toOurs(c.images) as tf.Tensor4D, targets: toOurs(c.targets) as tf.Tensor2D };
      const order = Int32Array.from(c.order);
      const [top = 0, bottom = 0, left = 0, right = 0] = c.box ?? [];
      const mixed =
        c.kind === 'mixup'
          ? mixup(batch, order, c.lam as number)
          : (c.kind === 'cutmix' ? cutmix : resizemix)(batch, order, { top, bottom, left, right });
      expect(relativeError(toTorch(mixed.images).dataSync(), decode(c.mixed_images).data as Float32Array)).toBeLessThan(
        1e-6,
      );
      expect(relativeError(mixed.targets.dataSync(), decode(c.mixed_targets).data as Float32Array)).toBeLessThan(1e-6);
    });
  });
});
