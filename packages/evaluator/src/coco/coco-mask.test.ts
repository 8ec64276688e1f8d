import { readFileSync } from 'node:fs';
import { hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cocoMask, type Rle } from '../index.js';
import { countsOfText, textOfCounts } from './rle-text.js';

interface Golden {
  readonly masks: readonly { pixels: string; rle: Rle; area: number; bbox: number[]; counts: number[] }[];
  readonly polygons: readonly {
    size: [number, number];
    polygons: number[][];
    rles: string[];
    merged: string;
    shared: string;
    area: number;
    bbox: number[];
  }[];
  readonly boxes: readonly { size: [number, number]; box: number[]; counts: string }[];
  readonly pairs: readonly {
    dt: Rle[];
    gt: Rle[];
    crowd: number[];
    iou: number[][];
    boxes: [[number, number, number, number][], [number, number, number, number][]];
    box_iou: number[][];
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../tooling/golden/numerics/coco.json', import.meta.url), 'utf8'),
) as Golden;

const maskOf = (size: readonly number[], pixels: ArrayLike<number>) =>
  hostArray('uint8', size, Uint8Array.from(pixels));

describe('cocoMask', () => {
  it('encodes and decodes as pycocotools, bit for bit', () => {
    for (const { pixels, rle, area, bbox, counts } of golden.masks) {
      const mask = maskOf(rle.size, Array.from(pixels, Number));
      expect(cocoMask.encode(mask)).toEqual(rle);
      expect(cocoMask.decode(rle)).toEqual(mask);
      expect(cocoMask.decode({ size: rle.size, counts })).toEqual(mask);
      expect(cocoMask.frPyObjects({ size: rle.size, counts }, ...(rle.size as [number, number]))).toEqual(rle);
      expect(cocoMask.area(rle)).toBe(area);
      expect(cocoMask.toBbox(rle)).toEqual(bbox);
    }
    expect(golden.masks).toHaveLength(60);
  });

  it('draws polygons as pycocotools, bit for bit', () => {
    for (const { size, polygons, rles, merged, shared, area, bbox } of golden.polygons) {
      const [height, width] = size;
      const drawn = cocoMask.frPyObjects(polygons, height, width);
      expect(drawn).toEqual(rles.map((counts) => ({ size, counts })));
      expect(cocoMask.merge(drawn)).toEqual({ size, counts: merged });
      expect(cocoMask.ofSegmentation(polygons, height, width)).toEqual({ size, counts: merged });
      expect(cocoMask.merge(drawn, { intersect: true })).toEqual({ size, counts: shared });
      expect(cocoMask.area({ size, counts: merged })).toBe(area);
      expect(cocoMask.toBbox({ size, counts: merged })).toEqual(bbox);
    }
    expect(golden.polygons).toHaveLength(120);
  });

  it('has nothing in the mask of no polygons', () => {
    const mask = cocoMask.decode(cocoMask.ofSegmentation([], 3, 4));
    expect([mask.shape, [...mask.data]]).toEqual([[3, 4], Array.from({ length: 12 }, () => 0)]);
  });

  it('draws boxes as pycocotools, alone and in a list', () => {
    for (const { size, box, counts } of golden.boxes) {
      expect(cocoMask.frPyObjects([box, box], ...size)).toEqual([
        { size, counts },
        { size, counts },
      ]);
      expect(cocoMask.frPyObjects(box, ...size)).toEqual({ size, counts });
    }
  });

  it('measures overlap as pycocotools, of masks and boxes, with crowds', () => {
    for (const { dt, gt, crowd, iou, boxes, box_iou } of golden.pairs) {
      const crowds = crowd.map((flag) => flag === 1);
      expect([...cocoMask.iou(dt, gt, crowds)]).toEqual(iou.flat());
      expect([...cocoMask.iou(...boxes, crowds)]).toEqual(box_iou.flat());
    }
  });

  const masks = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(([height, width]) =>
    fc.tuple(
      fc.constant([height, width]),
      fc.array(fc.uint8Array({ minLength: height * width, maxLength: height * width, max: 1 }), {
        minLength: 2,
        maxLength: 4,
      }),
    ),
  );

  it('is what the pixels say: union, intersection, area, box, overlap', () => {
    fc.assert(
      fc.property(masks, ([size, all]) => {
        const rles = all.map((pixels) => cocoMask.encode(maskOf(size, pixels)));
        const every = all.reduce((a, b) => a.map((pixel, i) => pixel & (b[i] as number)));
        const some = all.reduce((a, b) => a.map((pixel, i) => pixel | (b[i] as number)));
        expect([...cocoMask.decode(cocoMask.merge(rles)).data]).toEqual([...some]);
        expect([...cocoMask.decode(cocoMask.merge(rles, { intersect: true })).data]).toEqual([...every]);
        const [first, second] = all as [Uint8Array, Uint8Array];
        const sum = (pixels: Uint8Array): number => pixels.reduce((a, b) => a + b, 0);
        const shared = sum(first.map((pixel, i) => pixel & (second[i] as number)));
        const either = sum(first.map((pixel, i) => pixel | (second[i] as number)));
        const [one, other] = rles as [Rle, Rle];
        expect(cocoMask.area(one)).toBe(sum(first));
        expect([...cocoMask.iou([one], [other])]).toEqual([shared === 0 ? 0 : shared / either]);
        expect([...cocoMask.iou([one], [other], [true])]).toEqual([shared === 0 ? 0 : shared / sum(first)]);
        const width = size[1] as number;
        const places = [...first.keys()].filter((i) => first[i] === 1);
        const [xs, ys] = [places.map((i) => i % width), places.map((i) => Math.floor(i / width))];
        const [x, y] = [Math.min(...xs), Math.min(...ys)];
        const box = places.length === 0 ? [0, 0, 0, 0] : [x, y, Math.max(...xs) - x + 1, Math.max(...ys) - y + 1];
        expect(cocoMask.toBbox(one)).toEqual(box);
      }),
    );
  });

  it('writes any runs as text and reads them back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 32 - 1)), (counts) => {
        expect(countsOfText(textOfCounts(counts))).toEqual(counts);
      }),
    );
    const many = Array.from({ length: 20_000 }, (_, i) => i);
    expect(countsOfText(textOfCounts(many))).toEqual(many);
  });

  it('takes masks of other sizes for ones that cannot be compared', () => {
    const [wide, tall] = [maskOf([1, 4], [1, 1, 1, 1]), maskOf([4, 1], [1, 1, 1, 1])].map(cocoMask.encode) as [
      Rle,
      Rle,
    ];
    expect([...cocoMask.iou([wide], [tall, wide])]).toEqual([-1, 1]);
    expect(() => cocoMask.merge([wide, tall])).toThrowError('ENGINE_EVALUATOR_BAD_MASK');
    expect(cocoMask.merge([])).toEqual({ size: [0, 0], counts: '' });
    expect(cocoMask.area(cocoMask.merge([]))).toBe(0);
    expect(cocoMask.iou([], [wide])).toHaveLength(0);
  });

  it.each([
    ['runs too short', { size: [2, 2], counts: [1, 2] }],
    ['runs too long', { size: [2, 2], counts: [1, 9] }],
    ['half a run', { size: [1, 1], counts: [0.5, 0.5] }],
    ['a run below 0', { size: [1, 1], counts: [-1, 2] }],
    ['text with other characters', { size: [1, 1], counts: '~' }],
    ['text that ends within a number', { size: [4, 4], counts: 'Q' }],
    ['text of numbers below 0', { size: [4, 4], counts: 'O' }],
    ['no size', { counts: '01' }],
    ['a size below 0', { size: [-1, -1], counts: [1] }],
    ['nothing', undefined],
  ])('refuses %s with ENGINE_EVALUATOR_BAD_MASK', (_, rle) => {
    for (const use of [cocoMask.decode, cocoMask.area, cocoMask.toBbox])
      expect(() => use(rle as never)).toThrowError('ENGINE_EVALUATOR_BAD_MASK');
  });

  it.each([
    ['two corners that are no box', [[1, 2]]],
    ['an odd number', [[1, 2, 3, 4, 5, 6, 7]]],
    ['text', [['a', 'b', 'c', 'd', 'e', 'f']]],
    ['what is not finite', [[0, 0, 1, Number.NaN, 1, 1]]],
    ['no list', [3, 'x']],
  ])('refuses polygons of %s with ENGINE_EVALUATOR_BAD_MASK', (_, polygons) => {
    expect(() => cocoMask.frPyObjects(polygons as number[][], 5, 5)).toThrowError('ENGINE_EVALUATOR_BAD_MASK');
  });

  it('refuses arrays that are no mask, and masks beside boxes', () => {
    for (const array of [
      hostArray('uint8', [4], new Uint8Array(4)),
      hostArray('int64', [1, 1], new BigInt64Array(1)),
      3,
    ])
      expect(() => cocoMask.encode(array as never)).toThrowError('ENGINE_EVALUATOR_BAD_MASK');
    expect(() => cocoMask.iou([[0, 0, 1, 1]], [{ size: [1, 1], counts: [1] }])).toThrowError(
      'ENGINE_EVALUATOR_BAD_MASK',
    );
  });
});
