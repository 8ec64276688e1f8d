import { type HostArray, hostArray, KeyedRandom } from '@engine/core';
import { zeros } from '@engine/dataset';
import { describeTransform } from '@engine/dataset/testing';
import { describe, expect, it } from 'vitest';
import { AugMix } from './aug-mix.js';
import { AutoAugment } from './auto-augment.js';
import { dirichlet } from './dirichlet.js';
import { policyOf } from './policies.js';
import { RandAugment } from './rand-augment.js';
import { drawn, strengths, usualReach } from './spaces.js';
import { TrivialAugmentWide } from './trivial-augment-wide.js';

type Fields = Record<string, unknown>;
const ctx = (index: number) => ({ seed: 3, epoch: 0, index });
const runs = (count: number) => Array.from({ length: count }, (_, i) => ctx(i));
const noise = (): HostArray<'uint8'> => {
  const out = zeros('uint8', [12, 16, 3]);
  for (let i = 0; i < out.data.length; i++) out.data[i] = (i * 53 + (i >> 3) * 11) % 256;
  return out;
};
const boxed = (): Fields => ({ inputs: noise(), gt_bboxes: hostArray('float32', [1, 4], Float32Array.of(4, 4, 9, 8)) });
const samples = [{ inputs: noise(), samples: 1 }, { inputs: zeros('uint8', [5, 5, 1]) }, boxed()];

describeTransform(RandAugment, { samples });
describeTransform(TrivialAugmentWide, { samples });
describeTransform(AutoAugment, { options: { policy: 'svhn' }, samples });
describeTransform(AugMix, { samples });

const all = [new RandAugment(), new TrivialAugmentWide(), new AutoAugment(), new AugMix()];
const name = (transform: object) => transform.constructor.name;

describe('policies of augmentation', () => {
  it.each(all.map((transform) => [name(transform), transform] as const))(
    '%s keeps type and size, and mostly changes something',
    (_, transform) => {
      const source = noise();
      let changed = 0;
      for (const each of runs(100)) {
        const out = (transform.transform({ inputs: source }, each) as { inputs: HostArray }).inputs;
        expect([out.dtype, out.shape]).toEqual(['uint8', [12, 16, 3]]);
        if (out.data.some((value, i) => value !== source.data[i])) changed += 1;
      }
      expect(changed).toBeGreaterThan(40);
      expect(source).toEqual(noise());
    },
  );

  it.each(all.slice(0, 3).map((transform) => [name(transform), transform] as const))(
    '%s moves boxes along',
    (_, transform) => {
      const boxes = runs(60).map((each) =>
        (transform.transform(boxed(), each) as { gt_bboxes: HostArray }).gt_bboxes.data.join(),
      );
      expect(new Set(boxes).size).toBeGreaterThan(3);
      expect(boxes).toContain('4,4,9,8');
    },
  );

  it('AugMix leaves boxes, since the image stays in its place', () => {
    for (const each of runs(10)) expect(new AugMix().transform(boxed(), each).gt_bboxes).toEqual(boxed().gt_bboxes);
  });

  it('refuse floating point with ENGINE_VISION_IMAGE_TYPE, four channels with ENGINE_VISION_IMAGE_SHAPE', () => {
    for (const transform of all) {
      expect(() => transform.transform({ inputs: zeros('float32', [4, 4, 3]) }, ctx(0))).toThrow(
        /ENGINE_VISION_IMAGE_TYPE/,
      );
      expect(() => transform.transform({ inputs: zeros('uint8', [4, 4, 4]) }, ctx(0))).toThrow(
        /ENGINE_VISION_IMAGE_SHAPE/,
      );
    }
  });

  it('refuse a strength that there is not', () => {
    expect(() => new RandAugment({ magnitude: 31 })).toThrow(/ENGINE_REGISTRY_BAD_OPTION_VALUE/);
    expect(() => new AugMix({ severity: 11 })).toThrow(/ENGINE_REGISTRY_BAD_OPTION_VALUE/);
  });

  it('RandAugment with no operation is the identity', () => {
    const sample = boxed();
    expect(new RandAugment({ numOps: 0 }).transform(sample, ctx(0))).toBe(sample);
  });
});

describe('strengths', () => {
  const space = strengths(31, usualReach(100, 331));
  const of = (wanted: string) => space.find((each) => each.name === wanted)?.magnitudes ?? [];

  it('go as far as they should', () => {
    expect([of('ShearX').at(-1), of('TranslateX').at(-1), of('Rotate').at(-1), of('Color').at(-1)]).toEqual([
      0.3, 150, 30, 0.9,
    ]);
    expect([of('Posterize')[0], of('Posterize').at(-1), of('Solarize')[0], of('Solarize').at(-1)]).toEqual([
      8, 4, 255, 0,
    ]);
    expect(space).toHaveLength(14);
  });

  it('go both ways, as often', () => {
    const random = new KeyedRandom(5);
    const shear = space[1] as (typeof space)[number];
    const drawnOnes = Array.from({ length: 400 }, () => drawn(shear, 30, random).magnitude);
    expect(new Set(drawnOnes)).toEqual(new Set([0.3, -0.3]));
    expect(Math.abs(drawnOnes.filter((value) => value > 0).length - 200)).toBeLessThan(45);
  });

  it('have a name in every policy', () => {
    const names = new Set([...space.map((each) => each.name), 'Invert']);
    for (const policy of ['imagenet', 'cifar10', 'svhn'] as const) {
      const pairs = policyOf(policy);
      expect(pairs).toHaveLength(25);
      for (const { name: operation, p, bin } of pairs.flat())
        expect([names.has(operation), p >= 0 && p <= 1, bin >= 0 && bin < 10]).toEqual([true, true, true]);
    }
  });
});

describe('dirichlet', () => {
  it.each([0.3, 1, 4])('gives weights that add up to 1, with the right spread (alpha %d)', (alpha) => {
    const random = new KeyedRandom(6, 'weights');
    const draws = Array.from({ length: 6000 }, () => dirichlet(random, alpha, 3));
    for (const weights of draws) expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const mean = draws.reduce((sum, [first = 0]) => sum + first, 0) / draws.length;
    const variance = draws.reduce((sum, [first = 0]) => sum + (first - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean - 1 / 3)).toBeLessThan(0.02);
    expect(Math.abs(variance - 2 / 9 / (3 * alpha + 1))).toBeLessThan(0.01);
  });
});
