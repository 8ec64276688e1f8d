import { type HostArray, hostArray } from '@engine/core';
import { Compose, type Transform, zeros } from '@engine/dataset';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomCrop } from './random-crop.js';
import { RandomHorizontalFlip } from './random-horizontal-flip.js';
import { Normalize } from './transforms/normalize.js';

type Fields = Record<string, unknown>;
const [HEIGHT, WIDTH] = [11, 14];

/** Rectangles with corners on pixels, none empty. */
const rectangle = fc
  .tuple(fc.nat(WIDTH - 2), fc.nat(HEIGHT - 2), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .map(([x, y, w, h]) => [x, y, Math.min(WIDTH, x + w), Math.min(HEIGHT, y + h)] as const);
type Rectangle = readonly [number, number, number, number];

function painted(at: Rectangle): Uint8Array {
  const plane = new Uint8Array(HEIGHT * WIDTH);
  for (let y = at[1]; y < at[3]; y++) plane.fill(1, y * WIDTH + at[0], y * WIDTH + at[2]);
  return plane;
}

/** Each rectangle as one channel of the image, and as mask, box, corner point and polygon; the map has the number of the last one on top. */
function annotated(rectangles: readonly Rectangle[]): Fields {
  const planes = rectangles.map(painted);
  const inputs = zeros('uint8', [HEIGHT, WIDTH, planes.length]);
  const map = new Uint8Array(HEIGHT * WIDTH);
  for (const [c, plane] of planes.entries())
    for (const [i, value] of plane.entries()) {
      inputs.data[i * planes.length + c] = value;
      if (value === 1) map[i] = c + 1;
    }
  return {
    inputs,
    img_shape: [HEIGHT, WIDTH],
    gt_bboxes: hostArray('float32', [planes.length, 4], Float32Array.from(rectangles.flat())),
    gt_keypoints: hostArray(
      'float32',
      [planes.length, 1, 3],
      Float32Array.from(rectangles.flatMap(([x, y]) => [x + 0.5, y + 0.5, 2])),
    ),
    gt_masks: hostArray(
      'uint8',
      [planes.length, HEIGHT, WIDTH],
      Uint8Array.from(planes.flatMap((plane) => [...plane])),
    ),
    gt_seg_map: hostArray('uint8', [HEIGHT, WIDTH], map),
    gt_bboxes_labels: hostArray('int32', [planes.length], Int32Array.from(planes.keys())),
  };
}

const channel = ({ data, shape }: HostArray, c: number): number[] =>
  Array.from({ length: (shape[0] as number) * (shape[1] as number) }, (_, i) =>
    Number(data[i * (shape[2] as number) + c]),
  );

/** The box around what is 1; undefined when nothing is. */
function around(plane: readonly number[], width: number): number[] | undefined {
  const at = plane.flatMap((value, i) => (value === 1 ? [[i % width, Math.floor(i / width)] as const] : []));
  if (at.length === 0) return undefined;
  const [xs, ys] = [at.map(([x]) => x), at.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

/** Every annotation says of the pixels what it said before. */
function agrees(out: Fields, count: number, segFill: number): void {
  const inputs = out.inputs as HostArray;
  const [height = 0, width = 0] = inputs.shape;
  const [boxes, points, masks, map] = [out.gt_bboxes, out.gt_keypoints, out.gt_masks, out.gt_seg_map] as HostArray[];
  expect(out.img_shape).toEqual([height, width]);
  expect(map?.shape).toEqual([height, width]);
  const area = height * width;
  for (let i = 0; i < count; i++) {
    const plane = channel(inputs, i);
    expect(Array.from((masks as HostArray).data.subarray(i * area, (i + 1) * area), Number)).toEqual(plane);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = Array.from((boxes as HostArray).data.subarray(4 * i, 4 * i + 4), Number);
    const box = around(plane, width);
    if (box === undefined) expect((x2 - x1) * (y2 - y1)).toBe(0);
    else expect([x1, y1, x2, y2]).toEqual(box);
    const [x = 0, y = 0, visible] = Array.from((points as HostArray).data.subarray(3 * i, 3 * i + 3), Number);
    expect(visible).toBe(x < 0 || y < 0 || x >= width || y >= height ? 0 : 2);
  }
  for (const [i, value] of Array.from((map as HostArray).data, Number).entries()) {
    const seen = Array.from({ length: count }, (_, c) => channel(inputs, c)[i] as number).lastIndexOf(1) + 1;
    expect(value === segFill ? 0 : value).toBe(seen);
  }
}

const chosen: fc.Arbitrary<Transform> = fc.oneof(
  fc
    .record({
      size: fc.tuple(fc.integer({ min: 1, max: HEIGHT }), fc.integer({ min: 1, max: WIDTH })),
      padding: fc.nat(4),
    })
    .map((options) => new RandomCrop({ ...options, segFill: 200 })),
  fc.constant(new RandomHorizontalFlip({ p: 0.5 })),
);

describe('what lies beside an image that is cut and mirrored', () => {
  const objects = fc.array(rectangle, { minLength: 1, maxLength: 3 });

  it('goes where the pixels go', () => {
    fc.assert(
      fc.property(objects, chosen, fc.nat(50), (rectangles, transform, index) => {
        const before = annotated(rectangles);
        const out = transform.transform(before, { seed: 3, epoch: 0, index }) as Fields;
        agrees(out, rectangles.length, 200);
        expect(before).toEqual(annotated(rectangles));
        expect(out.gt_bboxes_labels).toEqual(before.gt_bboxes_labels);
      }),
      { numRuns: 100 },
    );
  });

  it('is the same when the image is computed later', () => {
    fc.assert(
      fc.property(objects, fc.nat(50), (rectangles, index) => {
        const ctx = { seed: 5, epoch: 1, index };
        const steps = [
          new RandomHorizontalFlip({ p: 0.5 }),
          new RandomCrop({ size: [9, 10], padding: 2, segFill: 200 }),
          new RandomHorizontalFlip({ p: 0.5 }),
        ];
        const together = new Compose(steps).transform(annotated(rectangles), ctx) as Fields;
        agrees(together, rectangles.length, 200);
      }),
      { numRuns: 60 },
    );
  });

  it('is left alone where there is nothing but a label', () => {
    const plain = { inputs: zeros('uint8', [12, 12, 3]), samples: 4 };
    const ctx = { seed: 1, epoch: 0, index: 0 };
    expect(Object.keys(new RandomCrop({ size: 8 }).transform(plain, ctx))).toEqual(['inputs', 'samples']);
    expect(Object.keys(new RandomHorizontalFlip({ p: 1 }).transform(plain, ctx))).toEqual(['inputs', 'samples']);
  });

  it('is moved before colours are changed, too', () => {
    const steps: Transform[] = [new RandomHorizontalFlip({ p: 1 }), new Normalize({ mean: [0.5], std: [1] })];
    const out = new Compose(steps).transform(annotated([[1, 2, 4, 5]]), { seed: 1, epoch: 0, index: 0 }) as Fields;
    expect(Array.from((out.gt_bboxes as HostArray).data, Number)).toEqual([10, 2, 13, 5]);
  });

  it('is refused where it is no annotation', () => {
    const wrong = { inputs: zeros('uint8', [12, 12, 3]), gt_bboxes: [1, 2, 3, 4] };
    const ctx = { seed: 1, epoch: 0, index: 0 };
    for (const transform of [new RandomCrop({ size: 8 }), new RandomHorizontalFlip({ p: 1 })])
      expect(() => transform.transform(wrong, ctx)).toThrowError('ENGINE_VISION_ANNOTATION');
  });
});
