import { hostArray } from '@engine/core';
import { BaseDataElement, InstanceData } from '@engine/dataset';
import { describe, expect, it } from 'vitest';
import { annotationsOf, imageOf } from './annotated-image.js';
import { pictureOf } from './picture.js';

const bytes = (shape: number[], values: ArrayLike<number>) => hostArray('uint8', shape, Uint8Array.from(values));
const shown = (sample: Record<string, unknown>, size: number) => pictureOf(sample, { size, classes: undefined });

describe('pictureOf', () => {
  it('repeats pixels to enlarge, averages them to make smaller, and keeps the proportions', () => {
    const image = bytes([2, 4, 1], [0, 10, 20, 30, 40, 50, 60, 70]);
    const large = shown({ inputs: image }, 8);
    expect(large?.shape).toEqual([4, 8, 3]);
    const row = (y: number) => Array.from({ length: 8 }, (_, x) => large?.data[(y * 8 + x) * 3]);
    expect([row(0), row(1), row(3)]).toEqual([
      [0, 0, 10, 10, 20, 20, 30, 30],
      [0, 0, 10, 10, 20, 20, 30, 30],
      [40, 40, 50, 50, 60, 60, 70, 70],
    ]);
    const small = shown({ inputs: image }, 2);
    expect([small?.shape, [...(small?.data ?? [])].filter((_, i) => i % 3 === 0)]).toEqual([
      [1, 2, 3],
      [25, 45],
    ]);
  });

  it('shows channels where they are: last, first, or none', () => {
    const last = bytes([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const first = bytes([3, 2, 2], [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]);
    expect([...(shown({ inputs: last }, 2)?.data ?? [])]).toEqual([...last.data]);
    expect([...(shown({ inputs: first }, 2)?.data ?? [])]).toEqual([...last.data]);
    expect([...(shown({ inputs: bytes([1, 2], [5, 6]) }, 2)?.data ?? [])]).toEqual([5, 5, 5, 6, 6, 6]);
    const alpha = bytes([1, 1, 4], [1, 2, 3, 99]);
    expect([...(shown({ inputs: alpha }, 1)?.data ?? [])]).toEqual([1, 2, 3]);
  });

  it('shows numbers that are no bytes from black to white', () => {
    const inputs = hostArray('float32', [1, 3], Float32Array.of(-2, 0, 2));
    expect([...(shown({ inputs }, 3)?.data ?? [])].filter((_, i) => i % 3 === 0)).toEqual([0, 128, 255]);
    const flat = hostArray('float32', [1, 2], Float32Array.of(7, 7));
    expect([...(shown({ inputs: flat }, 2)?.data ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('has none where there is no image', () => {
    for (const inputs of [
      undefined,
      'a.png',
      bytes([4], [1, 2, 3, 4]),
      bytes([0, 0], []),
      bytes([1, 1, 1, 1], [1]),
      hostArray('int64', [1, 1], BigInt64Array.of(1n)),
    ])
      expect(shown({ inputs }, 4)).toBeUndefined();
  });

  const gray = (side: number) => bytes([side, side, 3], new Uint8Array(side * side * 3).fill(100));
  const changed = (sample: Record<string, unknown>, size: number): string[] => {
    const { data = [], shape: [, width = 1] = [] } = shown({ inputs: gray(10), ...sample }, size) ?? {};
    const places = new Set<string>();
    data.forEach((value, i) => {
      if (value !== 100) places.add(`${Math.floor(i / 3) % width},${Math.floor(i / 3 / width)}`);
    });
    return [...places];
  };

  it('draws boxes, masks and polygons where they are in the enlarged picture', () => {
    const boxes = hostArray('float32', [1, 4], Float32Array.of(2, 3, 8, 9));
    const box = changed({ gt_bboxes: boxes }, 100);
    expect(box).toEqual(expect.arrayContaining(['20,60', '80,60', '50,90']));
    expect(box).not.toContain('50,60');
    const mask = new Uint8Array(100);
    mask[3 * 10 + 7] = 1;
    const masked = changed({ gt_masks: bytes([1, 10, 10], mask) }, 100);
    expect(masked).toHaveLength(100);
    expect(masked).toContain('75,35');
    const polygon = changed({ gt_masks: [[[1, 1, 4, 1, 4, 4, 1, 4]]] }, 100);
    expect(polygon).toContain('25,25');
    expect(polygon).not.toContain('75,75');
  });

  it('draws annotation records while the image has their size', () => {
    const instances = [{ bbox: [2, 3, 8, 9], bbox_label: 0, mask: [[2, 3, 8, 3, 8, 9, 2, 9]] }, { bbox: [0, 0, 1, 1] }];
    expect(changed({ instances, height: 10, width: 10 }, 100)).toContain('50,60');
    expect(changed({ instances, height: 20, width: 20 }, 100)).toEqual([]);
  });
});

describe('annotationsOf', () => {
  it('reads what PackInputs makes, and labels of every form', () => {
    const bboxes = hostArray('float32', [2, 4], new Float32Array(8));
    const labels = hostArray('int32', [2], Int32Array.of(4, 5));
    const ignoreFlags = hostArray('bool', [2], Uint8Array.of(0, 1));
    const masks = bytes([2, 1, 1], [0, 1]);
    const gtInstances = new InstanceData({ bboxes, labels, masks, ignoreFlags });
    const samples = new BaseDataElement({ gtInstances, gtLabel: 3 });
    expect(annotationsOf({ samples })).toEqual({
      bboxes,
      labels,
      masks,
      label: 3,
      maskCount: 2,
      ignored: [false, true],
    });
    const none = { ignored: [], maskCount: 0 };
    expect(annotationsOf({ samples: 7 })).toEqual({ label: 7, ...none });
    expect(annotationsOf({ gt_label: labels })).toEqual({ label: labels, ...none });
    expect(annotationsOf({ samples: hostArray('float32', [2], Float32Array.of(0.4, 0.6)) })).toEqual(none);
    expect(annotationsOf({ samples: { other: 1 } })).toEqual(none);
  });

  it('tells where channels stand in an image', () => {
    expect(imageOf({ inputs: bytes([3, 5, 5], new Uint8Array(75)) })).toMatchObject({ height: 5, channels: 3 });
    expect(imageOf({ inputs: bytes([3, 5, 3], new Uint8Array(45)) })).toMatchObject({
      height: 3,
      width: 5,
      channels: 3,
    });
  });
});
