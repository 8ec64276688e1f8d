import { cpu } from '@engine/backend-cpu';
import { hostArray, KeyedRandom } from '@engine/core';
import { Registry } from '@engine/registry';
import { describeEntries } from '@engine/registry/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type BatchAugment,
  CutMix,
  ImgDataPreprocessor,
  type LabelledImages,
  Mixup,
  RandomBatchAugment,
  ResizeMix,
} from '../index.js';
import { canonicalSettings } from '../testing/index.js';
import { drawBeta, drawBox, drawOrder } from './draws.js';

beforeAll(() => cpu().init());

/** Four images, each full of its own number, of four classes. */
const batchOf = (): LabelledImages => ({
  images: tf.mul(tf.ones([4, 6, 6, 1]), tf.reshape(tf.range(0, 4), [4, 1, 1, 1])) as tf.Tensor4D,
  targets: tf.oneHot([0, 1, 2, 3], 4, 1, 0, 'float32') as tf.Tensor2D,
});

describe('draws', () => {
  it('of the beta distribution have its mean and spread', () => {
    for (const [a, b] of [
      [0.2, 0.2],
      [1, 1],
      [2, 5],
    ] as const) {
      const random = new KeyedRandom(1, 'beta', a * 10);
      const values = Array.from({ length: 20_000 }, () => drawBeta(random, a, b));
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const spread = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(a / (a + b), 1.9);
      expect(spread).toBeCloseTo((a * b) / ((a + b) ** 2 * (a + b + 1)), 1.9);
    }
  });

  it('of orders are permutations, of boxes lie inside', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, n, lambda) => {
          const random = new KeyedRandom(seed, 'draws');
          expect([...drawOrder(random, n)].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
          const { top, bottom, left, right } = drawBox(random, [n, 7], lambda);
          expect(0 <= top && top <= bottom && bottom <= n && 0 <= left && left <= right && right <= 7).toBe(true);
        },
      ),
    );
  });
});

describe.each<[string, BatchAugment]>([
  ['Mixup', new Mixup({ alpha: 1 })],
  ['CutMix', new CutMix()],
  ['ResizeMix', new ResizeMix()],
])('%s', (_, augment) => {
  const run = (seed: number): [number[], number[]] =>
    tf.tidy(() => {
      const { images, targets } = augment.augment(batchOf(), new KeyedRandom(seed, 'batchAugment', 3));
      expect([images.shape, targets.shape, targets.dtype]).toEqual([[4, 6, 6, 1], [4, 4], 'float32']);
      return [[...images.dataSync()], [...targets.dataSync()]];
    });

  it('is a function of its key', () => {
    expect(run(5)).toEqual(run(5));
    expect([1, 2, 3, 4].some((seed) => String(run(seed)) !== String(run(5)))).toBe(true);
  });

  it('tells in the targets what the images show', () => {
    for (let seed = 0; seed < 10; seed++) {
      const [images, targets] = run(seed);
      for (let i = 0; i < 4; i++) {
        const row = targets.slice(4 * i, 4 * i + 4);
        expect(row.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
        const shown = images.slice(36 * i, 36 * i + 36).reduce((sum, x) => sum + x, 0) / 36;
        expect(shown).toBeCloseTo(
          row.reduce((sum, x, label) => sum + x * label, 0),
          4,
        );
      }
    }
  });
});

describe('RandomBatchAugment', () => {
  const marking = (mark: number): BatchAugment => ({
    augment: ({ images, targets }) => ({ images: tf.fill(images.shape, mark), targets }),
  });
  const markOf = (augment: BatchAugment, seed: number): number =>
    tf.tidy(() => augment.augment(batchOf(), new KeyedRandom(seed, 'x')).images.dataSync()[1] as number);

  it('uses each as often as it says, and none for the rest', () => {
    const augment = new RandomBatchAugment({ augments: [marking(7), marking(8)], probs: [0.25, 0.5] });
    const marks = Array.from({ length: 400 }, (_, seed) => markOf(augment, seed));
    const share = (mark: number): number => marks.filter((found) => found === mark).length / 400;
    expect(share(7)).toBeCloseTo(0.25, 1);
    expect(share(8)).toBeCloseTo(0.5, 1);
    expect(share(0)).toBeCloseTo(0.25, 1);
  });

  it.each([[[0.5]], [[0.7, 0.7]]])('ENGINE_MODEL_BAD_PREPROCESSOR_OPTION: probs = %j', (probs) => {
    expect(() => new RandomBatchAugment({ augments: [marking(1), marking(2)], probs })).toThrow(
      'ENGINE_MODEL_BAD_PREPROCESSOR_OPTION',
    );
  });
});

describe('in ImgDataPreprocessor', () => {
  const batch = {
    inputs: hostArray('uint8', [2, 2, 2, 1], Uint8Array.of(0, 0, 0, 0, 8, 8, 8, 8)),
    samples: hostArray('int64', [2], BigInt64Array.of(0n, 2n)),
  };
  const registry = new Registry();
  registry.registerExports({ CutMix, ImgDataPreprocessor, Mixup, RandomBatchAugment });
  const position = { seed: 3, iteration: 8 };

  it.each<[string, unknown]>([
    ['one', { type: 'Mixup', alpha: 0.8 }],
    ['a list', [{ type: 'Mixup' }, { type: CutMix }]],
    ['with probabilities', { augments: [{ type: 'Mixup' }, { type: 'CutMix' }], probs: [0.5, 0.5] }],
  ])('from a config: %s', (_, batchAugments) => {
    const preprocessor = registry.build('dataPreprocessor', {
      type: 'ImgDataPreprocessor',
      batchAugments: batchAugments as never,
      numClasses: 3,
    });
    tf.tidy(() => {
      const train = preprocessor.process(batch, true, position);
      expect((train.samples as tf.Tensor).shape).toEqual([2, 3]);
      const again = preprocessor.process(batch, true, position);
      expect((again.inputs as tf.Tensor).dataSync()).toEqual((train.inputs as tf.Tensor).dataSync());
      expect((preprocessor.process(batch, true).samples as tf.Tensor).shape).toEqual([2, 3]);
      const val = preprocessor.process(batch, false);
      expect([(val.samples as tf.Tensor).dtype, (val.inputs as tf.Tensor).dataSync()[7]]).toEqual(['int32', 8]);
    });
  });

  const mixing = new ImgDataPreprocessor({ batchAugments: new Mixup(), numClasses: 2 });
  it('bad input', () => {
    expect(() => new ImgDataPreprocessor({ batchAugments: new Mixup() })).toThrow(
      'ENGINE_MODEL_BAD_PREPROCESSOR_OPTION',
    );
    expect(() => tf.tidy(() => void mixing.process(batch, true, position))).toThrow(
      /ENGINE_MODEL_LABEL_OUT_OF_RANGE[\s\S]*2 at index 1/,
    );
    expect(() => tf.tidy(() => void mixing.process({ ...batch, samples: [0, 1] }, true, position))).toThrow(
      'ENGINE_MODEL_BAD_BATCH',
    );
    expect(() => new Mixup({ alpha: 0 })).toThrow('ENGINE_REGISTRY_BAD_OPTION_VALUE');
  });
});

describe('entries', () => {
  const settings = Object.fromEntries(
    Object.entries(canonicalSettings).filter(([name]) => name.startsWith('batchAugment/')),
  );
  describeEntries([CutMix, Mixup, RandomBatchAugment, ResizeMix], settings);
});
