import { type HostArray, hostArray } from '@engine/core';
import { zeros } from '@engine/dataset';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affineMatrix, inverted, perspectiveMatrix } from './pixels/matrix.js';
import { CenterCrop } from './transforms/center-crop.js';
import { Pad } from './transforms/pad.js';
import { RandomAffine } from './transforms/random-affine.js';
import { RandomFlip } from './transforms/random-flip.js';
import { RandomPerspective } from './transforms/random-perspective.js';
import { RandomResizedCrop } from './transforms/random-resized-crop.js';
import { RandomRotation } from './transforms/random-rotation.js';
import { RandomVerticalFlip } from './transforms/random-vertical-flip.js';
import { Resize } from './transforms/resize.js';

type Fields = Record<string, unknown>;
const ctx = (index = 0) => ({ seed: 4, epoch: 0, index });
const boxes = (...values: number[]) => hostArray('float32', [values.length / 4, 4], Float32Array.from(values));
const numbers = (array: unknown) => Array.from((array as HostArray).data, Number);
const blank = (height: number, width: number, more: Fields = {}): Fields => ({
  inputs: zeros('uint8', [height, width, 3]),
  ...more,
});

/** A bright block on black, 8 x 6 at (10, 6) of 40 x 30, and the same as box, points, polygon, mask and class map. */
function block(): Fields {
  const [inputs, map] = [zeros('float32', [30, 40, 1]), zeros('uint8', [30, 40])];
  for (let y = 6; y < 12; y++)
    for (let x = 10; x < 18; x++) {
      inputs.data[y * 40 + x] = 1;
      map.data[y * 40 + x] = 5;
    }
  return {
    inputs,
    gt_bboxes: boxes(10, 6, 18, 12),
    gt_keypoints: hostArray('float32', [1, 1, 3], Float32Array.of(14, 9, 2)),
    gt_seg_map: map,
    gt_masks: hostArray('uint8', [1, 30, 40], map.data.slice()),
  };
}

/** The smallest box around what is at least half bright. */
function seen({ shape, data }: HostArray, limit: number): number[] | undefined {
  const [, width = 0] = shape;
  const at = Array.from(data, Number).flatMap((value, i) =>
    value >= limit ? [[i % width, Math.floor(i / width)] as const] : [],
  );
  if (at.length === 0) return undefined;
  const [xs, ys] = [at.map(([x]) => x), at.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

describe('annotations go where the pixels go', () => {
  it.each([
    ['RandomFlip', new RandomFlip({ prob: [0.3, 0.3, 0.3], direction: ['horizontal', 'vertical', 'diagonal'] })],
    ['RandomVerticalFlip', new RandomVerticalFlip({ p: 0.5 })],
    ['Resize by size', new Resize({ size: [60, 64] })],
    ['Resize by scale', new Resize({ scale: [100, 55], keepRatio: true })],
    ['CenterCrop', new CenterCrop({ size: [24, 33] })],
    ['Pad', new Pad({ padding: [3, 1, 7, 2] })],
    ['RandomResizedCrop', new RandomResizedCrop({ size: [40, 50], scale: [0.8, 1] })],
    [
      'RandomAffine',
      new RandomAffine({ degrees: 0, translate: [0.2, 0.2], scale: [0.8, 1.6], interpolation: 'bilinear' }),
    ],
    ['RandomRotation', new RandomRotation({ degrees: [90, 90], expand: true, interpolation: 'bilinear' })],
  ])('%s: box, mask and class map stay around the block', (_, transform) => {
    for (let index = 0; index < 20; index++) {
      const out = transform.transform(block(), ctx(index)) as Fields;
      const [box, image] = [numbers(out.gt_bboxes), out.inputs as HostArray];
      const around = seen(image, 0.5);
      if (around === undefined) continue; // cropped away
      for (const [i, side] of around.entries()) expect(Math.abs(side - (box[i] as number))).toBeLessThanOrEqual(1.01);
      const classes = zeros('uint8', image.shape.slice(0, 2));
      classes.data.set(numbers(out.gt_seg_map).map((value) => (value === 5 ? 1 : 0)));
      const map = seen(classes, 1);
      for (const [i, side] of (map ?? around).entries())
        expect(Math.abs(side - (box[i] as number))).toBeLessThanOrEqual(1.01);
      expect(numbers(out.gt_masks)).toEqual(numbers(out.gt_seg_map).map((v) => (v === 255 ? 0 : v)));
      expect(out.img_shape ?? [30, 40]).toEqual(image.shape.slice(0, 2));
    }
  });

  it.each([
    ['RandomRotation', new RandomRotation({ degrees: 60, interpolation: 'bilinear' })],
    ['RandomAffine', new RandomAffine({ degrees: 30, shear: [-20, 20, -10, 10], interpolation: 'bilinear' })],
    ['RandomPerspective', new RandomPerspective({ p: 1, distortionScale: 0.4 })],
  ])('%s: the box holds the block, the point stays in its middle', (_, transform) => {
    for (let index = 0; index < 20; index++) {
      const out = transform.transform(block(), ctx(index));
      const [box, image] = [numbers(out.gt_bboxes), out.inputs as HostArray];
      const around = seen(image, 0.5) as number[];
      expect(around[0]).toBeGreaterThanOrEqual((box[0] as number) - 1);
      expect(around[1]).toBeGreaterThanOrEqual((box[1] as number) - 1);
      expect(around[2]).toBeLessThanOrEqual((box[2] as number) + 1);
      expect(around[3]).toBeLessThanOrEqual((box[3] as number) + 1);
      const [x, y] = numbers(out.gt_keypoints) as [number, number, number];
      expect(image.data[Math.floor(y) * 40 + Math.floor(x)]).toBeGreaterThan(0.9);
    }
  });

  it('flips by exact numbers', () => {
    const sample = blank(10, 20, { gt_bboxes: boxes(2, 1, 6, 5), gt_masks: [[[2, 1, 6, 5, 6, 1]]] });
    const flip = (direction: 'horizontal' | 'vertical' | 'diagonal') =>
      new RandomFlip({ prob: 1, direction }).transform(sample, ctx());
    expect(numbers(flip('horizontal').gt_bboxes)).toEqual([14, 1, 18, 5]);
    expect(numbers(flip('vertical').gt_bboxes)).toEqual([2, 5, 6, 9]);
    expect(flip('diagonal')).toMatchObject({
      flip: true,
      flip_direction: 'diagonal',
      gt_masks: [[[18, 9, 14, 5, 14, 9]]],
    });
    expect(numbers(flip('diagonal').gt_bboxes)).toEqual([14, 5, 18, 9]);
  });

  it('keeps boxes inside the new image, unless told otherwise, and makes points outside invisible', () => {
    const given = {
      gt_bboxes: boxes(-4, 2, 30, 8),
      gt_keypoints: hostArray('float32', [2, 3], Float32Array.of(1, 1, 2, 10, 5, 2)),
    };
    const cropped = new CenterCrop({ size: 4 }).transform(blank(10, 20, given));
    expect(numbers(cropped.gt_bboxes)).toEqual([0, 0, 4, 4]);
    expect(numbers(cropped.gt_keypoints)).toEqual([-7, -2, 0, 2, 2, 2]);
    const resized = new Resize({ scale: [40, 20], clipObjectBorder: false }).transform(blank(10, 20, given));
    expect(numbers(resized.gt_bboxes)).toEqual([-8, 4, 60, 16]);
  });

  it('takes samples without any object', () => {
    const sample = blank(10, 20, { gt_bboxes: boxes(), gt_masks: zeros('uint8', [0, 10, 20]) });
    const out = new Resize({ scale: [40, 20] }).transform(sample);
    expect([(out.gt_bboxes as HostArray).shape, (out.gt_masks as HostArray).shape]).toEqual([
      [0, 4],
      [0, 20, 40],
    ]);
  });

  it.each([
    { gt_bboxes: [1, 2, 3, 4] },
    { gt_bboxes: hostArray('float32', [4], new Float32Array(4)) },
    { gt_bboxes: hostArray('int32', [1, 4], new Int32Array(4)) },
    { gt_keypoints: hostArray('float32', [1, 4], new Float32Array(4)) },
    { gt_seg_map: zeros('uint8', [10, 20, 1]) },
    { gt_masks: zeros('uint8', [10, 20]) },
    { gt_masks: null },
  ])('refuses other shapes with ENGINE_VISION_ANNOTATION: $gt_bboxes $gt_keypoints $gt_seg_map $gt_masks', (wrong) => {
    expect(() => new Resize({ size: 4 }).transform(blank(10, 20, wrong))).toThrow(/ENGINE_VISION_ANNOTATION/);
  });
});

describe('a polygon that reaches out of the image', () => {
  const corner = fc.tuple(fc.integer({ min: -6, max: 16 }), fc.integer({ min: -6, max: 16 }));
  /** Whether a place is inside, by the number of sides to its right. */
  const holds = (flat: readonly number[], [x, y]: readonly [number, number]) => {
    let isInside = false;
    for (let i = 0; i < flat.length; i += 2) {
      const [x0, y0] = [flat[i] as number, flat[i + 1] as number];
      const [x1, y1] = [flat[(i + 2) % flat.length] as number, flat[(i + 3) % flat.length] as number];
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) isInside = !isInside;
    }
    return isInside;
  };

  it('is cut where the image ends, and goes where nothing is left', () => {
    const inside = (most: number) => fc.integer({ min: 0, max: 100 * most - 1 });
    const place = fc.tuple(inside(6), inside(5)).map(([x, y]) => [(x + 0.3711) / 100, (y + 0.2907) / 100] as const); // on no line
    const crop = new CenterCrop({ size: [5, 6] }); // from (2, 3)
    fc.assert(
      fc.property(
        fc.array(corner, { minLength: 3, maxLength: 7 }),
        fc.array(place, { minLength: 30 }),
        (ring, places) => {
          const polygon = ring.flat();
          const out = crop.transform({ inputs: zeros('uint8', [11, 10, 1]), gt_masks: [[polygon], [polygon]] });
          const [[cut = []] = [], again = []] = out.gt_masks as number[][][];
          expect(again).toEqual(cut.length === 0 ? [] : [cut]);
          for (const [i, value] of cut.entries())
            expect([value >= 0, value <= (i % 2 === 0 ? 6 : 5)]).toEqual([true, true]);
          for (const [x, y] of places) expect(holds(cut, [x, y])).toBe(holds(polygon, [x + 2, y + 3]));
        },
      ),
    );
  });
});

describe('matrices', () => {
  const apply = (m: readonly number[], x: number, y: number) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = m;
    const w = g * x + h * y + i;
    return [(a * x + b * y + c) / w, (d * x + e * y + f) / w] as const;
  };
  const angle = fc.double({ min: -180, max: 180, noNaN: true });
  const some = fc.double({ min: -40, max: 40, noNaN: true });

  it('inverted takes every place back', () => {
    fc.assert(
      fc.property(angle, some, some, fc.double({ min: 0.2, max: 4, noNaN: true }), (turn, x, y, scale) => {
        const m = affineMatrix({ angle: turn, translate: [x, y], scale, shear: [x / 2, y / 2], center: [y, x] });
        const [u, v] = apply(inverted(m), ...apply(m, 3, -7));
        expect(u).toBeCloseTo(3, 6);
        expect(v).toBeCloseTo(-7, 6);
      }),
    );
  });

  const corners = (right: number, bottom: number) =>
    [
      [0, 0],
      [right, 0],
      [right, bottom],
      [0, bottom],
    ] as const;
  it.each([
    [
      'any',
      corners(40, 30),
      [
        [3, 1],
        [38, 4],
        [35, 29],
        [0, 25],
      ],
    ],
    [
      'where the new origin comes from beyond all bounds',
      corners(3, 3),
      [
        [1, 1],
        [3, 0],
        [3, 3],
        [0, 3],
      ],
    ],
  ] as const)('a perspective takes each corner to its place, and its inverse back: %s', (_, from, to) => {
    const m = perspectiveMatrix(from, to);
    for (const [i, [x, y]] of from.entries()) {
      const [u, v] = apply(m, x, y);
      const [expectedU, expectedV] = to[i] as readonly [number, number];
      expect([u, v].map((value) => value.toFixed(6))).toEqual([expectedU, expectedV].map((value) => value.toFixed(6)));
      const [backX, backY] = apply(inverted(m), u, v);
      expect(backX).toBeCloseTo(x, 6);
      expect(backY).toBeCloseTo(y, 6);
    }
  });
});
