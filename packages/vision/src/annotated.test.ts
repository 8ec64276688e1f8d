import { type HostArray, hostArray } from '@engine/core';
import { Compose, type SampleContext, type Transform, zeros } from '@engine/dataset';
import { cocoMask } from '@engine/evaluator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AutoAugment } from './augment/auto-augment.js';
import { type OperationName, operated } from './augment/operations.js';
import { RandAugment } from './augment/rand-augment.js';
import { TrivialAugmentWide } from './augment/trivial-augment-wide.js';
import { RandomCrop } from './random-crop.js';
import { RandomHorizontalFlip } from './random-horizontal-flip.js';
import { CenterCrop } from './transforms/center-crop.js';
import { Pad } from './transforms/pad.js';
import { RandomAffine } from './transforms/random-affine.js';
import { RandomChoiceResize } from './transforms/random-choice-resize.js';
import { RandomFlip } from './transforms/random-flip.js';
import { RandomPerspective } from './transforms/random-perspective.js';
import { RandomResize } from './transforms/random-resize.js';
import { RandomResizedCrop } from './transforms/random-resized-crop.js';
import { RandomRotation } from './transforms/random-rotation.js';
import { RandomVerticalFlip } from './transforms/random-vertical-flip.js';
import { Resize } from './transforms/resize.js';

type Fields = Record<string, unknown>;
type Box = readonly [x0: number, y0: number, x1: number, y1: number];
interface Scene {
  readonly height: number;
  readonly width: number;
  readonly boxes: readonly Box[];
}

const OBJECTS = 3;
const [OBJECT, GROUND, BEYOND] = [200, 100, 0];
const segFill = -1;

const scenes: fc.Arbitrary<Scene> = fc
  .record({ height: fc.integer({ min: 4, max: 11 }), width: fc.integer({ min: 4, max: 13 }) })
  .chain(({ height, width }) => {
    const side = (most: number) =>
      fc.uniqueArray(fc.nat(most), { minLength: 2, maxLength: 2 }).map((ends) => ends.sort((a, b) => a - b));
    const box = fc.tuple(side(width), side(height)).map(([x, y]) => [x[0], y[0], x[1], y[1]] as unknown as Box);
    const boxes = fc.array(box, { minLength: OBJECTS, maxLength: OBJECTS });
    return fc.record({ height: fc.constant(height), width: fc.constant(width), boxes });
  });

/**
 * Channel i of the image is bright where object i is, as is its mask. The class map has a number of its own for each pixel, whose lowest bits
 * say which objects are there. The point of an object is in the middle of its first pixel.
 */
function sampleOf({ height, width, boxes }: Scene): Fields {
  const inputs = zeros('uint8', [height, width, OBJECTS]);
  const masks = zeros('uint8', [OBJECTS, height, width]);
  const map = zeros('int32', [height, width]);
  inputs.data.fill(GROUND);
  for (let i = 0; i < map.data.length; i++) map.data[i] = i << OBJECTS;
  for (const [i, [x0, y0, x1, y1]] of boxes.entries())
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++) {
        const at = y * width + x;
        inputs.data[at * OBJECTS + i] = OBJECT;
        masks.data[i * height * width + at] = 1;
        map.data[at] = (map.data[at] as number) | (1 << i);
      }
  return {
    inputs,
    img_shape: [height, width],
    gt_bboxes: hostArray('float32', [OBJECTS, 4], Float32Array.from(boxes.flat())),
    gt_bboxes_labels: hostArray('int32', [OBJECTS], Int32Array.of(7, 8, 9)),
    gt_ignore_flags: hostArray('bool', [OBJECTS], Uint8Array.of(0, 1, 0)),
    gt_keypoints: hostArray(
      'float32',
      [OBJECTS, 1, 3],
      Float32Array.from(boxes.flatMap(([x, y]) => [x + 0.5, y + 0.5, 2])),
    ),
    gt_seg_map: map,
    gt_masks: masks,
  };
}

interface View {
  readonly height: number;
  readonly width: number;
  readonly image: HostArray;
  readonly map: HostArray;
  readonly box: (i: number) => Box;
  readonly mask: (i: number) => Uint8Array;
  readonly point: (i: number) => readonly [x: number, y: number, visibility: number];
}

function viewOf(sample: Fields): View {
  const image = sample.inputs as HostArray;
  const [height = 0, width = 0] = image.shape;
  const row = (key: string, i: number, length: number) =>
    (sample[key] as HostArray<'float32'>).data.subarray(i * length, (i + 1) * length);
  return {
    height,
    width,
    image,
    map: sample.gt_seg_map as HostArray,
    box: (i) => [...row('gt_bboxes', i, 4)] as unknown as Box,
    mask: (i) => row('gt_masks', i, height * width) as unknown as Uint8Array,
    point: (i) => [...row('gt_keypoints', i, 3)] as unknown as readonly [number, number, number],
  };
}

/** The smallest box around a mask; undefined for an empty one. */
function around(mask: Uint8Array, width: number): Box | undefined {
  const at = [...mask.keys()].filter((i) => mask[i] === 1);
  if (at.length === 0) return undefined;
  const [xs, ys] = [at.map((i) => i % width), at.map((i) => Math.floor(i / width))];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

/** Where the class map of a sample has object i. */
const inMap = ({ map }: View, i: number) =>
  Uint8Array.from(map.data as Int32Array, (value) => (value === segFill ? 0 : (value >> i) & 1));
const inImage = ({ image }: View, i: number) =>
  Uint8Array.from({ length: image.data.length / OBJECTS }, (_, at) =>
    image.data[at * OBJECTS + i] === OBJECT ? 1 : 0,
  );

/** Pixels, masks and class map show the same objects at the same places; what has a row an object still has it. */
function expectOnePicture(sample: Fields, isPainted = true): View {
  const view = viewOf(sample);
  const { height, width, map, image } = view;
  expect(map.shape).toEqual([height, width]);
  expect(sample.img_shape).toEqual([height, width]);
  expect((sample.gt_masks as HostArray).shape).toEqual([OBJECTS, height, width]);
  expect([...(sample.gt_bboxes_labels as HostArray).data]).toEqual([7, 8, 9]);
  expect([...(sample.gt_ignore_flags as HostArray).data]).toEqual([0, 1, 0]);
  for (let i = 0; i < OBJECTS; i++) {
    expect(inMap(view, i)).toEqual(view.mask(i));
    if (isPainted) expect(inImage(view, i)).toEqual(view.mask(i));
  }
  if (isPainted)
    for (const [at, value] of map.data.entries()) expect(image.data[at * OBJECTS] === BEYOND).toBe(value === segFill);
  return view;
}

/** Boxes are those of the masks; a point is at its pixel, or not visible. */
function expectExactBoxes(view: View, { boxes, width: before }: Scene): void {
  const { width, map } = view;
  for (let i = 0; i < OBJECTS; i++) {
    const [x0, y0, x1, y1] = view.box(i);
    const seen = around(view.mask(i), width);
    if (seen === undefined) expect((x1 - x0) * (y1 - y0)).toBe(0);
    else expect([x0, y0, x1, y1]).toEqual(seen);
    const [x, y, visibility] = view.point(i);
    const [firstX, firstY] = boxes[i] as Box;
    const own = firstY * before + firstX;
    const places = Array.from(map.data as Int32Array, (value) => (value === segFill ? -1 : value >> OBJECTS));
    expect(visibility).toBe(places.includes(own) ? 2 : 0);
    if (visibility > 0) expect(places[Math.floor(y) * width + Math.floor(x)]).toBe(own);
  }
}

const ctx = (index: number): SampleContext => ({ seed: 11, epoch: 0, index });
const pixelwise: readonly (readonly [string, Transform])[] = [
  ['RandomCrop', new RandomCrop({ size: [3, 4], segFill })],
  ['RandomCrop, padded', new RandomCrop({ size: 7, padding: 3, segFill })],
  ['RandomHorizontalFlip', new RandomHorizontalFlip()],
  ['RandomVerticalFlip', new RandomVerticalFlip()],
  ['RandomFlip', new RandomFlip({ prob: 0.9, direction: ['horizontal', 'vertical', 'diagonal'] })],
  ['CenterCrop', new CenterCrop({ size: [3, 8], segFill })],
  ['CenterCrop cropSize', new CenterCrop({ cropSize: [6, 5] })],
  ['Pad', new Pad({ padding: [1, 2, 0, 3], padVal: { seg: segFill } })],
];
const nearest = { interpolation: 'nearest' } as const;
const resampling: readonly (readonly [string, Transform])[] = [
  ['Resize', new Resize({ size: [9, 5], ...nearest })],
  ['Resize keepRatio', new Resize({ scale: [20, 9], keepRatio: true, ...nearest })],
  ['RandomResize', new RandomResize({ scale: [10, 8], ratioRange: [0.5, 2], ...nearest })],
  [
    'RandomChoiceResize',
    new RandomChoiceResize({
      scales: [
        [7, 12],
        [16, 3],
      ],
      ...nearest,
    }),
  ],
  ['RandomResizedCrop', new RandomResizedCrop({ size: [8, 9], scale: [0.2, 1], ...nearest })],
];
const look = { ...nearest, segFill };
const turning: readonly (readonly [string, Transform])[] = [
  ['RandomRotation', new RandomRotation({ degrees: 180, ...look })],
  ['RandomRotation expand', new RandomRotation({ degrees: 180, expand: true, ...look })],
  ['RandomAffine', new RandomAffine({ degrees: 40, translate: [0.3, 0.3], scale: [0.5, 2], shear: 20, ...look })],
  ['RandomPerspective', new RandomPerspective({ p: 0.9, ...look })],
  ['RandomPerspective at its most', new RandomPerspective({ p: 1, distortionScale: 1, ...look })],
];

const law = (check: (scene: Scene, index: number) => void) =>
  fc.assert(fc.property(scenes, fc.nat(100_000), check), { numRuns: 40 });

describe('the annotations of a sample show what its pixels show', () => {
  it.each(pixelwise)('%s: to the pixel', (_, transform) => {
    law((scene, index) => {
      const sample = sampleOf(scene);
      const out = transform.transform(sample, ctx(index)) as Fields;
      expectExactBoxes(expectOnePicture(out), scene);
      expect(sample).toEqual(sampleOf(scene));
    });
  });

  it.each(resampling)('%s: boxes to one pixel', (_, transform) => {
    law((scene, index) => {
      const view = expectOnePicture(transform.transform(sampleOf(scene), ctx(index)) as Fields);
      for (let i = 0; i < OBJECTS; i++)
        for (const [side, place] of (around(view.mask(i), view.width) ?? []).entries())
          expect(Math.abs(place - (view.box(i)[side] as number))).toBeLessThan(1);
    });
  });

  it.each(turning)('%s: boxes hold their masks', (_, transform) => {
    law((scene, index) =>
      expectBoxesAround(expectOnePicture(transform.transform(sampleOf(scene), ctx(index)) as Fields)),
    );
  });

  const moves: OperationName[] = ['Identity', 'ShearX', 'ShearY', 'TranslateX', 'TranslateY', 'Rotate'];
  it.each(moves)('%s of a policy: boxes hold their masks', (name) => {
    const most = name.startsWith('Shear') ? 0.9 : name === 'Rotate' ? 90 : 6;
    law((scene, index) => {
      const magnitude = most * ((index % 201) / 100 - 1);
      const out = operated(sampleOf(scene), { name, magnitude }, { ...look, transform: 'test', fill: BEYOND });
      expectBoxesAround(expectOnePicture(out));
    });
  });

  it.each([
    ['RandAugment', new RandAugment({ numOps: 3, magnitude: 20, segFill })],
    ['TrivialAugmentWide', new TrivialAugmentWide({ segFill })],
    ['AutoAugment', new AutoAugment({ segFill })],
  ])('%s, which changes colours too', (_, transform) => {
    law((scene, index) => {
      expectBoxesAround(expectOnePicture(transform.transform(sampleOf(scene), ctx(index)), false), 3);
    });
  });

  it.each(pixelwise)('%s: polygons are where the masks are', (_, transform) => {
    law((scene, index) => {
      const gt_masks = scene.boxes.map(([x0, y0, x1, y1]) => [[x0, y0, x1, y0, x1, y1, x0, y1]]);
      const { height, width, mask } = viewOf(transform.transform(sampleOf(scene), ctx(index)) as Fields);
      const out = transform.transform({ ...sampleOf(scene), gt_masks }, ctx(index)) as { gt_masks: number[][][] };
      for (const [i, polygons] of out.gt_masks.entries())
        expect(cocoMask.decode(cocoMask.ofSegmentation(polygons, height, width)).data).toEqual(mask(i));
    });
  });
});

/** A turned box is larger than its object, never smaller; where a pixel is taken from is right to half a pixel, each time. */
function expectBoxesAround(view: View, times = 1): void {
  const slack = 0.501 * times;
  for (let i = 0; i < OBJECTS; i++) {
    const [x0, y0, x1, y1] = around(view.mask(i), view.width) ?? [];
    if (x0 === undefined) continue;
    const box = view.box(i);
    expect(x0).toBeGreaterThanOrEqual(box[0] - slack);
    expect(y0).toBeGreaterThanOrEqual(box[1] - slack);
    expect(x1).toBeLessThanOrEqual(box[2] + slack);
    expect(y1).toBeLessThanOrEqual(box[3] + slack);
  }
}

describe('a pipeline', () => {
  const any = fc.constantFrom(...pixelwise, ...resampling);
  const lists = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...pixelwise.slice(1, 3)) }, any), {
    minLength: 1,
    maxLength: 5,
  });

  it('gives the same when its transforms wait for each other, and when they do not', () => {
    fc.assert(
      fc.property(lists, scenes, fc.nat(100_000), (list, scene, index) => {
        const transforms = list.map(([, transform]) => transform);
        const big: Transform = new Pad({ padding: 4, padVal: { seg: segFill } }); // so that crops fit
        const steps = transforms.flatMap((transform) => [big, transform]);
        let expected = sampleOf(scene);
        for (const [i, step] of steps.entries())
          expected = step.transform(expected, { ...ctx(index), stream: String(i) }) as Fields;
        const out = new Compose(steps).transform(sampleOf(scene), ctx(index)) as Fields;
        expect(out).toEqual(expected);
        expectOnePicture(out);
      }),
      { numRuns: 50 },
    );
  });

  it('of crops and flips only is exact, in one pass', () => {
    const crops = [9, 8, 7].map((size) => new RandomCrop({ size, padding: 3, segFill }));
    const flip = new RandomHorizontalFlip();
    const pipeline = new Compose([flip, ...crops.flatMap((crop) => [crop, flip])]);
    law((scene, index) => {
      expectExactBoxes(expectOnePicture(pipeline.transform(sampleOf(scene), ctx(index)) as Fields), scene);
    });
  });

  it('gets no facts where it had none: batches of plain images keep their keys', () => {
    const inputs = zeros('uint8', [8, 8, 3]);
    const pipeline = [new RandomCrop({ size: 6 }), new RandomHorizontalFlip(), new RandomVerticalFlip()];
    for (let index = 0; index < 10; index++) {
      const out = new Compose([...pipeline, new RandAugment()]).transform({ inputs, samples: 3 }, ctx(index));
      expect(Object.keys(out as Fields)).toEqual(['inputs', 'samples']);
    }
  });
});
