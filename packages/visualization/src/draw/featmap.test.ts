import { readFileSync } from 'node:fs';
import { hostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { drawFeatmap } from './featmap.js';
import type { Image } from './image.js';

/** Pictures of MMEngine 0.10.7 with OpenCV for the arrays below. */
const golden = JSON.parse(readFileSync(new URL('./golden/featmap.json', import.meta.url), 'utf8')) as Record<
  string,
  number[]
>;
const featmap = hostArray(
  'float32',
  [4, 5, 3],
  Float32Array.from({ length: 60 }, (_, i) => ((i * 37) % 101) / 10),
);
const image = hostArray(
  'uint8',
  [8, 10, 3],
  Uint8Array.from({ length: 240 }, (_, i) => (i * 13) % 256),
);

/** JET goes in steps of four: a value on the edge between two levels may be either. */
const expectSame = ({ data }: Image, name: string) => {
  const expected = golden[name] ?? [];
  expect(data.length).toBe(expected.length);
  const off = expected.map((value, at) => Math.abs(value - (data[at] ?? 0)));
  expect(Math.max(...off)).toBeLessThanOrEqual(4);
  expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(0.7);
};

describe('drawFeatmap', () => {
  it('draws the mean of the channels as MMEngine does', () => expectSame(drawFeatmap(featmap), 'mean'));

  it('lays the channel of the largest sum over an image', () =>
    expectSame(drawFeatmap(featmap, { channelReduction: 'select_max', overlaidImage: image, alpha: 0.3 }), 'max'));

  it('draws three channels as they are', () =>
    expectSame(drawFeatmap(featmap, { channelReduction: null, topk: 0 }), 'raw'));

  it('resizes feature map and image', () => {
    const drawn = drawFeatmap(featmap, { overlaidImage: image, resizeShape: [6, 7] });
    expect(drawn.shape).toEqual([6, 7, 3]);
    expectSame(drawn, 'resized');
  });

  it('puts the strongest channels into cells, the strongest first', () => {
    const steps = hostArray(
      'float32',
      [20, 30, 3],
      Float32Array.from({ length: 1800 }, (_, i) => (i % 3) * i),
    );
    const sheet = drawFeatmap(steps, { channelReduction: null, topk: 2, arrangement: [2, 2] });
    expect(sheet.shape).toEqual([40, 60, 3]);
    const at = (y: number, x: number) => [...sheet.data.subarray((y * 60 + x) * 3, (y * 60 + x) * 3 + 3)];
    expect(at(19, 29)).toEqual([128, 0, 0]); // the largest value of channel 2
    expect(at(39, 29)).toEqual([255, 255, 255]); // an empty cell
  });

  it('draws what is the same everywhere in one colour', () => {
    const flat = drawFeatmap(hostArray('float32', [2, 2, 1], new Float32Array(4).fill(3)));
    expect(new Set(flat.data)).toEqual(new Set([0, 128]));
  });

  it('says what it cannot draw', () => {
    const code = 'ENGINE_VISUALIZATION_BAD_FEATMAP';
    expect(() => drawFeatmap(hostArray('float32', [4, 4], new Float32Array(16)))).toThrow(code);
    expect(() => drawFeatmap(featmap, { channelReduction: null, topk: 9, arrangement: [2, 4] })).toThrow('2 x 4');
    const four = hostArray('float32', [1, 1, 4], new Float32Array(4));
    expect(() => drawFeatmap(four, { channelReduction: null, topk: 0 })).toThrow('4 channels');
  });
});
