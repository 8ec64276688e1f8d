import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdaptiveAvgPool2d, AvgPool2d, Conv2d, MaxPool2d, type Module, toTorchLayout } from '../index.js';
import { averageCounts, ceilOverhang } from './pooling-math.js';

/** Convolution and pooling against their definitions, one output element at a time, for any geometry. */

interface Geometry {
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
}

const pair = (low: number, high: number) =>
  fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }));
const geometry = fc
  .record({
    height: fc.integer({ min: 3, max: 7 }),
    width: fc.integer({ min: 3, max: 7 }),
    kernel: pair(1, 3),
    stride: pair(1, 3),
    padding: pair(0, 1),
  })
  .filter(({ kernel, padding }) => [0, 1].every((axis) => 2 * (padding[axis] as number) <= (kernel[axis] as number)));

const CHANNELS = 2;
const pixel = (h: number, w: number, c: number): number => Math.fround(Math.sin(h * 7.3 + w * 2.9 + c * 1.7 + 0.5));

function imageOf({ height, width }: Geometry, channels: number): tf.Tensor4D {
  const values = new Float32Array(height * width * channels);
  for (let h = 0; h < height; h++)
    for (let w = 0; w < width; w++)
      for (let c = 0; c < channels; c++) values[(h * width + w) * channels + c] = pixel(h, w, c);
  return tf.tensor4d(values, [1, height, width, channels]);
}

const extentOf = (
  extent: number,
  kernel: number,
  { stride, padding, ceil }: { stride: number; padding: number; ceil: boolean },
): number => {
  const places = (extent + 2 * padding - kernel) / stride;
  const outputs = (ceil ? Math.ceil(places) : Math.floor(places)) + 1;
  return ceil && (outputs - 1) * stride >= extent + padding ? outputs - 1 : outputs;
};

/** Rows and columns of one window, padding included. */
function windowAt(g: Geometry, [oh, ow]: readonly [number, number]): { h: number; w: number }[] {
  const places: { h: number; w: number }[] = [];
  for (let i = 0; i < g.kernel[0]; i++)
    for (let j = 0; j < g.kernel[1]; j++)
      places.push({ h: oh * g.stride[0] - g.padding[0] + i, w: ow * g.stride[1] - g.padding[1] + j });
  return places;
}

const isInside = (
  { height, width }: Geometry,
  { h, w }: { h: number; w: number },
  margin: readonly [number, number] = [0, 0],
): boolean => h >= -margin[0] && h < height + margin[0] && w >= -margin[1] && w < width + margin[1];

function expectPooled(
  g: Geometry,
  ceil: boolean,
  layer: Module & { forward(x: tf.Tensor): tf.Tensor },
  value: (window: { h: number; w: number }[], c: number) => number,
): void {
  tf.tidy(() => {
    const y = layer.apply(imageOf(g, CHANNELS));
    const [rows, columns] = [0, 1].map((axis) =>
      extentOf(axis === 0 ? g.height : g.width, g.kernel[axis] as number, {
        stride: g.stride[axis] as number,
        padding: g.padding[axis] as number,
        ceil,
      }),
    ) as [number, number];
    expect(y.shape).toEqual([1, rows, columns, CHANNELS]);
    const values = y.dataSync();
    for (let oh = 0; oh < rows; oh++)
      for (let ow = 0; ow < columns; ow++)
        for (let c = 0; c < CHANNELS; c++)
          expect(values[(oh * columns + ow) * CHANNELS + c]).toBeCloseTo(value(windowAt(g, [oh, ow]), c), 5);
  });
}

describe.each([cpu(), wasm()])('on $name', (backend) => {
  beforeAll(() => backend.init());

  it('MaxPool2d is the largest pixel of each window', () => {
    fc.assert(
      fc.property(geometry, fc.boolean(), (g, ceilMode) => {
        const layer = new MaxPool2d(g.kernel, { stride: g.stride, padding: g.padding, ceilMode });
        expectPooled(g, ceilMode, layer, (window, c) =>
          Math.max(...window.filter((place) => isInside(g, place)).map(({ h, w }) => pixel(h, w, c))),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('AvgPool2d is the mean of each window, with or without its padding, never with what ceil mode adds', () => {
    fc.assert(
      fc.property(geometry, fc.boolean(), fc.boolean(), (g, ceilMode, countIncludePad) => {
        const layer = new AvgPool2d(g.kernel, { stride: g.stride, padding: g.padding, ceilMode, countIncludePad });
        expectPooled(g, ceilMode, layer, (window, c) => {
          const sum = window
            .filter((place) => isInside(g, place))
            .reduce((total, { h, w }) => total + pixel(h, w, c), 0);
          return sum / window.filter((place) => isInside(g, place, countIncludePad ? g.padding : [0, 0])).length;
        });
      }),
      { numRuns: 25 },
    );
  });

  it('AdaptiveAvgPool2d is the mean of windows that cover the image', () => {
    fc.assert(
      fc.property(geometry, pair(1, 4), (g, [rows, columns]) => {
        tf.tidy(() => {
          const values = new AdaptiveAvgPool2d([rows, columns]).apply(imageOf(g, 1)).dataSync();
          const range = (i: number, n: number, extent: number): number[] => {
            const begin = Math.floor((i * extent) / n);
            return Array.from({ length: Math.ceil(((i + 1) * extent) / n) - begin }, (_, k) => begin + k);
          };
          for (let i = 0; i < rows; i++)
            for (let j = 0; j < columns; j++) {
              const pixels = range(i, rows, g.height).flatMap((h) =>
                range(j, columns, g.width).map((w) => pixel(h, w, 0)),
              );
              expect(values[i * columns + j]).toBeCloseTo(pixels.reduce((sum, x) => sum + x, 0) / pixels.length, 5);
            }
        });
      }),
      { numRuns: 20 },
    );
  });

  it('Conv2d is the sum over taps, for any stride, padding, dilation and groups', () => {
    const dilations = pair(1, 2);
    fc.assert(
      fc.property(geometry, dilations, fc.constantFrom([1, 3], [2, 4], [4, 8]), (g, dilation, [groups, outputs]) => {
        const inputs = 4;
        const reach = g.kernel.map((kernel, axis) => (kernel - 1) * (dilation[axis] as number) + 1) as [number, number];
        fc.pre(reach[0] <= g.height + 2 * g.padding[0] && reach[1] <= g.width + 2 * g.padding[1]);
        const layer = new Conv2d(inputs, outputs as number, g.kernel, {
          stride: g.stride,
          padding: g.padding,
          dilation,
          groups: groups as number,
        });
        layer.initWeights(1);
        tf.tidy(() => {
          const y = layer.apply(imageOf(g, inputs));
          const kernel = toTorchLayout(
            layer.weight.value.dataSync() as Float32Array,
            layer.weight.shape,
            layer.weight.torchLayout,
          );
          const bias = layer.bias?.value.dataSync() ?? [];
          const [, rows, columns, channels] = y.shape;
          expect([rows, columns, channels]).toEqual([
            extentOf(g.height, reach[0], { stride: g.stride[0], padding: g.padding[0], ceil: false }),
            extentOf(g.width, reach[1], { stride: g.stride[1], padding: g.padding[1], ceil: false }),
            outputs,
          ]);
          const perGroup = inputs / (groups as number);
          const at = (o: number, oh: number, ow: number): number => {
            const group = Math.floor(o / (channels / (groups as number)));
            let sum = bias[o] as number;
            for (let c = 0; c < perGroup; c++)
              for (let i = 0; i < g.kernel[0]; i++)
                for (let j = 0; j < g.kernel[1]; j++) {
                  const place = {
                    h: oh * g.stride[0] - g.padding[0] + i * dilation[0],
                    w: ow * g.stride[1] - g.padding[1] + j * dilation[1],
                  };
                  const tap = kernel[((o * perGroup + c) * g.kernel[0] + i) * g.kernel[1] + j] as number;
                  if (isInside(g, place)) sum += tap * pixel(place.h, place.w, group * perGroup + c);
                }
            return sum;
          };
          const values = y.dataSync();
          for (const [oh, ow, o] of [
            [0, 0, 0],
            [rows - 1, columns - 1, channels - 1],
            [rows - 1, 0, 1],
          ] as const)
            expect(values[(oh * columns + ow) * channels + o]).toBeCloseTo(at(o, oh, ow), 5);
        });
        layer.dispose();
      }),
      { numRuns: 30 },
    );
  });
});

describe('window arithmetic', () => {
  const window = fc.record({
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 5 }),
    padding: fc.integer({ min: 0, max: 2 }),
  });

  it('ceil mode adds less than a stride, and every window starts inside input or padding', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 20 }),
        window.filter(({ kernel, padding }) => 2 * padding <= kernel),
        (extent, w) => {
          const overhang = ceilOverhang(extent, w);
          expect(overhang).toBeGreaterThanOrEqual(0);
          expect(overhang).toBeLessThan(w.stride);
          const outputs = extentOf(extent, w.kernel, { ...w, ceil: true });
          const counts = averageCounts(extent, { ...w, outputs, countIncludePad: true });
          expect(counts).toHaveLength(outputs);
          expect(counts.every((count) => count >= 1 && count <= w.kernel)).toBe(true);
        },
      ),
    );
  });
});
