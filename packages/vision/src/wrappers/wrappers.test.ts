import type { HostArray } from '@engine/core';
import { type SampleContext, sampleRandom, type Transform, zeros } from '@engine/dataset';
import { describeTransform } from '@engine/dataset/testing';
import { Registry } from '@engine/registry';
import { describe, expect, it } from 'vitest';
import { RandomChoiceResize } from '../transforms/random-choice-resize.js';
import { RandomResize, type RandomResizeOptions } from '../transforms/random-resize.js';
import { Resize } from '../transforms/resize.js';
import { ToTensor } from '../transforms/to-tensor.js';
import { KeyMapper } from './key-mapper.js';
import { MultiScaleFlipAug } from './multi-scale-flip-aug.js';
import { RandomApply } from './random-apply.js';
import { RandomChoice } from './random-choice.js';
import { TransformBroadcaster } from './transform-broadcaster.js';

type Fields = Record<string, unknown>;
const ctx = (index = 0): SampleContext => ({ seed: 2, epoch: 0, index, stream: '0' });
const runs = (count: number) => Array.from({ length: count }, (_, i) => ctx(i));
const shapeOf = (value: unknown) => (value as HostArray).shape;
const image = (height: number, width: number) => ({ inputs: zeros('uint8', [height, width, 3]) });

/** Appends to `seen`. */
const mark = (name: string): Transform => ({
  transform: (sample) => ({ ...sample, seen: [...((sample.seen ?? []) as string[]), name] }),
});
const nothing: Transform = { transform: () => null };
const noise: Transform = { transform: (sample, c) => ({ ...sample, drawn: sampleRandom(c).nextU32() }) };
const double: Transform = { transform: (sample) => ({ ...sample, value: 2 * (sample.value as number), extra: 1 }) };

const samples = [image(12, 20)];
describeTransform(() => new RandomApply([new Resize({ size: 4 }), mark('a')]), { samples });
describeTransform(() => new RandomChoice([mark('a'), [mark('b'), noise]]), { samples });
describeTransform(() => new KeyMapper([noise], { mapping: { value: 'inputs' } }), { samples });
describeTransform(() => new TransformBroadcaster([noise], { mapping: { value: ['inputs', 'inputs'] } }), { samples });
describeTransform(() => new MultiScaleFlipAug([noise], { scaleFactor: [1, 0.5], allowFlip: true }), { samples });
describeTransform(RandomResize, { options: { scale: [30, 20], ratioRange: [0.5, 1.5], keepRatio: true }, samples });
describeTransform(RandomChoiceResize, { options: { scales: [8, [20, 10]] }, samples });

describe('RandomApply and RandomChoice', () => {
  it('apply as often as they should', async () => {
    const apply = new RandomApply([mark('a'), mark('b')], { prob: 0.3 });
    const choice = new RandomChoice([mark('a'), [mark('b'), mark('c')], []], { prob: [0.2, 0.5, 0.3] });
    const counts = async (transform: Transform) => {
      const found: Record<string, number> = {};
      for (const each of runs(1500)) {
        const { seen = [] } = (await transform.transform({}, each)) as { seen?: string[] };
        found[seen.join()] = (found[seen.join()] ?? 0) + 1;
      }
      return found;
    };
    const applied = await counts(apply);
    expect(Object.keys(applied).sort()).toEqual(['', 'a,b']);
    expect(Math.abs((applied['a,b'] ?? 0) - 450)).toBeLessThan(75);
    const chosen = await counts(choice);
    for (const [key, expected] of [
      ['a', 300],
      ['b,c', 750],
      ['', 450],
    ] as const)
      expect(Math.abs((chosen[key] ?? 0) - expected)).toBeLessThan(80);
  });

  it('hand null on', async () => {
    expect(await new RandomApply([nothing], { prob: 1 }).transform({}, ctx())).toBeNull();
    expect(await new RandomChoice([[nothing, mark('a')]]).transform({}, ctx())).toBeNull();
  });

  it('give what they apply numbers of its own', async () => {
    const out = (await new RandomApply([noise], { prob: 1 }).transform({}, ctx())) as Fields;
    expect(out.drawn).not.toBe(sampleRandom(ctx()).nextU32());
  });

  it('RandomChoice refuses chances that do not add up with ENGINE_VISION_OPTION_CONFLICT', () => {
    for (const prob of [[0.5], [0.5, 0.6]])
      expect(() => new RandomChoice([[], []], { prob })).toThrow(/ENGINE_VISION_OPTION_CONFLICT/);
  });

  it('are built with what they hold, from a config', async () => {
    const registry = new Registry();
    for (const entry of [RandomChoice, RandomApply, Resize, ToTensor]) registry.register(entry);
    const config = {
      type: 'RandomChoice',
      transforms: [[{ type: 'RandomApply', transforms: { type: 'Resize', size: 5 }, prob: 1 }, { type: 'ToTensor' }]],
    };
    const built = registry.build('transform', config) as Transform;
    const { inputs } = (await built.transform(image(10, 20), ctx())) as { inputs: HostArray };
    expect([inputs.dtype, inputs.shape]).toEqual(['float32', [5, 10, 3]]);
  });
});

describe('KeyMapper', () => {
  it('finds values under other keys, and puts them back', async () => {
    const plain = await new KeyMapper([double], { mapping: { value: 'gt' } }).transform({ gt: 4, rest: 0 }, ctx());
    expect(plain).toEqual({ gt: 4, rest: 0, value: 8, extra: 1 });
    const back = await new KeyMapper([double], { mapping: { value: 'gt' }, autoRemap: true }).transform(
      { gt: 4, rest: 0 },
      ctx(),
    );
    expect(back).toEqual({ gt: 8, rest: 0 });
    const on = await new KeyMapper([double], {
      mapping: { value: 'gt' },
      remapping: { value: 'twice', extra: '...' },
    }).transform({ gt: 4 }, ctx());
    expect(on).toEqual({ gt: 4, twice: 8 });
  });

  it('takes lists and objects of keys apart and together', async () => {
    const swap: Transform = { transform: ({ pair, deep }) => ({ pair: [...(pair as unknown[])].reverse(), deep }) };
    const mapping = { pair: ['a', 'b'], deep: { x: 'c' } };
    expect(await new KeyMapper([swap], { mapping, autoRemap: true }).transform({ a: 1, b: 2, c: 3 }, ctx())).toEqual({
      a: 2,
      b: 1,
      c: 3,
    });
  });

  it('refuses missing keys with ENGINE_VISION_MAPPED_KEY, unless they may be missing', async () => {
    await expect(new KeyMapper([], { mapping: { value: 'gone' } }).transform({}, ctx())).rejects.toMatchObject({
      code: 'ENGINE_VISION_MAPPED_KEY',
    });
    await expect(new KeyMapper([], { remapping: { gone: 'x' } }).transform({}, ctx())).rejects.toMatchObject({
      code: 'ENGINE_VISION_MAPPED_KEY',
    });
    const lax = new KeyMapper([], {
      mapping: { value: 'gone', other: '...' },
      autoRemap: true,
      allowNonexistKeys: true,
    });
    expect(await lax.transform({ kept: 1 }, ctx())).toEqual({ kept: 1 });
  });

  it('refuses remapping beside autoRemap with ENGINE_VISION_OPTION_CONFLICT, and hands null on', async () => {
    expect(() => new KeyMapper([], { autoRemap: true, remapping: {} })).toThrow(/ENGINE_VISION_OPTION_CONFLICT/);
    expect(await new KeyMapper([nothing]).transform({}, ctx())).toBeNull();
  });
});

describe('TransformBroadcaster', () => {
  it('does the same to each, and puts them back', async () => {
    const mapping = { value: ['lq', 'gt'] };
    expect(
      await new TransformBroadcaster([double], { mapping, autoRemap: true }).transform({ lq: 1, gt: 5 }, ctx()),
    ).toEqual({ lq: 2, gt: 10 });
    expect(
      await new TransformBroadcaster([double], { mapping: { value: 'list' }, remapping: { value: 'list' } }).transform(
        { list: [1, 2, 3] },
        ctx(),
      ),
    ).toEqual({ list: [2, 4, 6] });
    expect(await new TransformBroadcaster([double]).transform({ value: [1, 2] }, ctx())).toEqual({
      value: [2, 4],
      extra: [1, 1],
    });
  });

  it('shares random numbers, or does not', async () => {
    const drawnBy = async (shareRandomParams: boolean) => {
      const out = await new TransformBroadcaster([noise], {
        mapping: { value: ['a', 'b'] },
        shareRandomParams,
      }).transform({ a: 1, b: 2 }, ctx());
      return (out as { drawn: number[] }).drawn;
    };
    const [one, other] = await drawnBy(true);
    expect(one).toBe(other);
    expect(new Set(await drawnBy(false)).size).toBe(2);
  });

  it('refuses what are not lists of one length with ENGINE_VISION_UNEVEN_LISTS, and hands null on', async () => {
    for (const sample of [
      { a: 1, b: [2] },
      { a: [1, 2], b: [3] },
      { a: [], b: [] },
    ])
      await expect(new TransformBroadcaster([]).transform(sample, ctx())).rejects.toMatchObject({
        code: 'ENGINE_VISION_UNEVEN_LISTS',
      });
    expect(await new TransformBroadcaster([nothing]).transform({ a: [1] }, ctx())).toBeNull();
  });
});

describe('augmentation for testing', () => {
  it('MultiScaleFlipAug gives every size, as it is and mirrored', async () => {
    const aug = new MultiScaleFlipAug([], {
      imgScale: [
        [40, 24],
        [20, 12],
      ],
      allowFlip: true,
      flipDirection: ['horizontal', 'vertical'],
    });
    const out = (await aug.transform(image(12, 20), ctx())) as Record<string, unknown[]>;
    expect(out.inputs?.map(shapeOf)).toEqual([
      [24, 40, 3],
      [24, 40, 3],
      [24, 40, 3],
      [12, 20, 3],
      [12, 20, 3],
      [12, 20, 3],
    ]);
    expect(out.flip_direction).toEqual([null, 'horizontal', 'vertical', null, 'horizontal', 'vertical']);
    const one = (await new MultiScaleFlipAug([], { scaleFactor: 2 }).transform(image(3, 4), ctx())) as Record<
      string,
      unknown[]
    >;
    expect(one.inputs?.map(shapeOf)).toEqual([[6, 8, 3]]);
  });

  it('MultiScaleFlipAug refuses both sizes and factors, or neither, with ENGINE_VISION_OPTION_CONFLICT', () => {
    for (const options of [{}, { imgScale: [4, 4] as [number, number], scaleFactor: 1 }])
      expect(() => new MultiScaleFlipAug([], options)).toThrow(/ENGINE_VISION_OPTION_CONFLICT/);
  });
});

describe('random sizes', () => {
  it('RandomResize draws a factor, evenly', () => {
    const resize = new RandomResize({ scale: [100, 100], ratioRange: [0.2, 1] });
    const widths = runs(600).map(
      (each) => shapeOf(resize.transform({ inputs: zeros('uint8', [2, 2]) }, each).inputs)[1] as number,
    );
    expect([Math.min(...widths) >= 20, Math.max(...widths) <= 100]).toEqual([true, true]);
    expect(Math.abs(widths.reduce((a, b) => a + b) / widths.length - 59.5)).toBeLessThan(4);
  });

  it('RandomResize draws each side between those of two sizes', () => {
    const resize = new RandomResize({
      scale: [
        [40, 10],
        [50, 30],
      ],
    });
    const drawnOnes = runs(300).map(
      (each) => shapeOf(resize.transform(image(4, 4), each).inputs).slice(0, 2) as [number, number],
    );
    expect(new Set(drawnOnes.map(([height]) => height)).size).toBe(21);
    expect(new Set(drawnOnes.map(([, width]) => width)).size).toBe(11);
  });

  it('RandomResize refuses one size without a range, or two with one, with ENGINE_VISION_OPTION_CONFLICT', () => {
    for (const options of [
      { scale: [4, 4] },
      {
        scale: [
          [4, 4],
          [8, 8],
        ],
        ratioRange: [1, 2],
      },
    ] as RandomResizeOptions[])
      expect(() => new RandomResize(options)).toThrow(/ENGINE_VISION_OPTION_CONFLICT/);
  });

  it('RandomChoiceResize takes one of its sizes, and says which', () => {
    const resize = new RandomChoiceResize({ scales: [6, [20, 10]], keepRatio: true });
    const seen = new Set(
      runs(40).map((each) => {
        const out = resize.transform(image(10, 10), each);
        return `${out.scale_idx as number}: ${shapeOf(out.inputs).join()}`;
      }),
    );
    expect(seen).toEqual(new Set(['0: 6,6,3', '1: 10,10,3']));
  });
});
