import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BatchNorm2d,
  Conv2d,
  fromTorchLayout,
  fuseConvBn,
  Identity,
  Linear,
  Module,
  ReLU,
  Sequential,
  toTorchLayout,
  upload,
} from './index.js';
import { decode, type GoldenTensor } from './testing/golden.js';

/** PyTorch's convolution and batch norm, and `fuse_conv_bn_eval` of them. */
interface Case {
  readonly id: string;
  readonly conv: { in_channels: number; out_channels: number; kernel_size: number; [option: string]: number | boolean };
  readonly affine: boolean;
  readonly state: Record<string, GoldenTensor>;
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  readonly fused: Record<string, GoldenTensor>;
}
const { cases } = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/fuse_conv_bn.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

beforeAll(() => cpu().init());

function networkOf({ conv, affine, state }: Case): Sequential {
  const { in_channels, out_channels, kernel_size, ...options } = conv;
  const network = new Sequential(
    new Conv2d(in_channels, out_channels, kernel_size, options),
    new BatchNorm2d(out_channels, { affine }),
  );
  const parameters = network.namedParameters();
  network.loadStateDict(
    new Map(
      Object.entries(state).map(([name, golden]) => {
        const array = decode(golden);
        const parameter = parameters.get(name);
        if (parameter === undefined) return [name, array];
        const { shape, torchLayout } = parameter;
        return [name, hostArray('float32', shape, fromTorchLayout(array.data as Float32Array, shape, torchLayout))];
      }),
    ),
  );
  return network.eval();
}

function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (x, i) => Math.abs((actual[i] as number) - x))) / scale;
}

describe('fuseConvBn', () => {
  it.each(cases.map((c) => [c.id, c] as const))('gives what PyTorch gives: %s', async (_, c) => {
    const network = networkOf(c);
    expect(await fuseConvBn(network)).toEqual(['0']);
    expect(network.layers[1]).toBeInstanceOf(Identity);
    for (const [name, parameter] of network.namedParameters()) {
      const values = (await parameter.read()).data as Float32Array;
      const expected = decode(c.fused[name.replace('0.', '')] as GoldenTensor).data as Float32Array;
      expect(largestError(toTorchLayout(values, parameter.shape, parameter.torchLayout), expected)).toBeLessThan(1e-5);
    }
    const y = tf.tidy(() => {
      const x = tf.transpose(upload(decode(c.x)), [0, 2, 3, 1]);
      return tf.transpose(network.apply(x), [0, 3, 1, 2]).dataSync();
    });
    expect(largestError(y, decode(c.y).data as Float32Array)).toBeLessThan(1e-5);
    network.dispose();
  });

  it('fuses fields and nested modules, and leaves norms without their convolution', async () => {
    class Block extends Module {
      conv = new Conv2d(2, 3, 1);
      bn = new BatchNorm2d(3);
      alone = new BatchNorm2d(3);
      inner = new Sequential(new Conv2d(3, 3, 1), new ReLU(), new BatchNorm2d(3));
      other = [new Conv2d(3, 4, 1), new BatchNorm2d(3)];
      untracked = new Sequential(new Conv2d(3, 3, 1), new BatchNorm2d(3, { trackRunningStats: false }));
      fc = new Linear(3, 1);
      forward(): void {}
    }
    const block = new Block().eval();
    expect(await fuseConvBn(block)).toEqual(['conv', 'inner.0']);
    expect(block.bn).toBeInstanceOf(Identity);
    expect([block.alone, block.other[1], block.untracked.layers[1]].every((m) => m instanceof BatchNorm2d)).toBe(true);
    block.dispose();
  });

  it('ENGINE_MODEL_BAD_FUSION: a model in training mode', async () => {
    await expect(fuseConvBn(new Sequential(new Conv2d(1, 1, 1)))).rejects.toThrow('ENGINE_MODEL_BAD_FUSION');
  });
});
