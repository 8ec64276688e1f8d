import { hostArray, type Logger, silentLogger } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { Canvas } from './canvas.js';
import { Drawing } from './drawing.js';

const blank = (width = 40, height = 30) => Canvas.blank(width, height).toImage();
const drawing = () => new Drawing({ image: blank() });
const at = (drawn: Drawing, x: number, y: number) => {
  const { shape, data } = drawn.getImage();
  const from = (y * (shape[1] ?? 0) + x) * 3;
  return [...data.subarray(from, from + 3)];
};
const floats = (shape: readonly number[], ...values: number[]) =>
  hostArray('float32', shape, Float32Array.from(values));

describe('Drawing', () => {
  it('needs an image, and begins anew with each', () => {
    expect(() => new Drawing().getImage()).toThrow('ENGINE_VISUALIZATION_NO_IMAGE');
    expect(() => new Drawing().drawBboxes([0, 0, 1, 1])).toThrow('ENGINE_VISUALIZATION_NO_IMAGE');
    const drawn = drawing().drawBboxes([2, 2, 20, 20], { faceColors: 'k' });
    expect(at(drawn, 10, 10)).not.toEqual([255, 255, 255]);
    expect(at(drawn.setImage(blank()), 10, 10)).toEqual([255, 255, 255]);
  });

  it('draws boxes as lists, arrays and one alone, each in its style', () => {
    const boxes = [
      [2, 2, 10, 10],
      [20, 10, 38, 28],
    ];
    const options = { edgeColors: 'none', faceColors: ['r', [0, 0, 255]], alpha: 1 } as const;
    const fromLists = drawing().drawBboxes(boxes, options);
    const fromArray = drawing().drawBboxes(floats([2, 4], ...boxes.flat()), options);
    expect(fromArray.getImage().data).toEqual(fromLists.getImage().data);
    expect([at(fromLists, 5, 5), at(fromLists, 30, 20), at(fromLists, 15, 5)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
      [255, 255, 255],
    ]);
    const alone = drawing().drawBboxes(floats([4], 2, 2, 10, 10), { ...options, faceColors: [9, 8, 7] });
    expect(at(alone, 5, 5)).toEqual([9, 8, 7]);
    expect(drawing().drawBboxes([]).getImage().data).toEqual(blank().data);
  });

  it('keeps outlines between one pixel and a quarter of the font size', () => {
    const width = (lineWidths: number) => {
      const drawn = drawing().drawBboxes([5, 5, 35, 25], { lineWidths, edgeColors: 'k', alpha: 1 });
      return Array.from({ length: 30 }, (_, y) => 1 - (at(drawn, 20, y)[0] ?? 0) / 255).reduce((a, b) => a + b, 0) / 2;
    };
    expect(width(0)).toBeCloseTo(1, 1);
    expect(width(2)).toBeCloseTo(2, 1);
    expect(width(50)).toBeCloseTo(2.5, 1);
  });

  it('draws lines, circles, polygons and points', () => {
    const drawn = drawing()
      .drawLines([0, 40], [3, 3], { colors: 'r' })
      .drawCircles([10, 15], [4], { faceColors: 'b', alpha: 1 })
      .drawCircles(floats([1, 2], 10, 25), floats([1], 2), { edgeColors: 'none', faceColors: 'k', alpha: 1 })
      .drawPolygons(
        [
          [20, 8],
          [30, 8],
          [30, 20],
        ],
        { faceColors: 'm', alpha: 1 },
      )
      .drawPolygons([floats([3, 2], 32, 22, 38, 22, 35, 28)], { edgeColors: 'none', faceColors: 'c', alpha: 1 })
      .drawPoints(
        [
          [4, 25],
          [20, 25],
        ],
        { colors: ['y', 'k'], marker: 's', sizes: [16, 36] },
      )
      .drawPoints([27, 26], { sizes: 16 });
    expect(at(drawn, 30, 3)).toEqual([255, 0, 0]);
    expect(at(drawn, 10, 15)).toEqual([0, 0, 255]);
    expect(at(drawn, 10, 25)).toEqual([0, 0, 0]);
    expect(at(drawn, 27, 12)).toEqual([191, 0, 191]);
    expect(at(drawn, 35, 24)).toEqual([0, 191, 191]);
    expect([at(drawn, 4, 25), at(drawn, 18, 23), at(drawn, 27, 26)]).toEqual([
      [191, 191, 0],
      [0, 0, 0],
      [0, 127, 0],
    ]);
  });

  it('mixes masks as MMEngine does, a later one over an earlier one', () => {
    const masks = hostArray('bool', [2, 1, 3], Uint8Array.from([1, 1, 0, 0, 1, 0]));
    const image = hostArray('uint8', [1, 3, 3], Uint8Array.from([100, 100, 100, 100, 100, 100, 5, 6, 7]));
    const drawn = new Drawing({ image }).drawBinaryMasks(masks, {
      colors: ['r', [0, 0, 255]],
      alphas: [0.8, 0.5],
    });
    expect([...drawn.getImage().data]).toEqual([224, 20, 20, 112, 10, 138, 5, 6, 7]);
    const one = hostArray('bool', [1, 3], Uint8Array.from([0, 0, 1]));
    expect(at(new Drawing({ image }).drawBinaryMasks(one, { alphas: 1 }), 2, 0)).toEqual([0, 127, 0]);
    expect(() => drawing().drawBinaryMasks(masks)).toThrow('ENGINE_VISUALIZATION_BAD_MASK');
  });

  it('writes texts, each in its style', () => {
    const places = [
      [1, 1],
      [39, 15],
    ];
    const drawn = new Drawing({ image: blank() }).drawTexts(['I', 'L'], places, {
      colors: 'k',
      fontSizes: 6,
      horizontalAlignments: ['left', 'right'],
      bboxes: [{ faceColor: 'y' }, { faceColor: 'c', alpha: 1, pad: 0 }],
    });
    expect(at(drawn, 3, 3)).toEqual([0, 0, 0]);
    expect(at(drawn, 34, 16)).toEqual([0, 0, 0]);
    expect(at(drawn, 38, 16)).toEqual([0, 191, 191]);
    expect(drawing().drawTexts('one', [1, 1]).getImage().data).toContain(127);
    expect(new Drawing({ image: blank(1800, 1800) }).defaultFontSize).toBe(20);
  });

  it('warns of what lies outside, but not of points', () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
    new Drawing({ image: blank(), logger })
      .drawBboxes([0, 0, 39.9, 29.9])
      .drawPoints([99, 99])
      .drawBboxes([0, 0, 40, 20])
      .drawCircles([2, 2], 3)
      .drawLines([-1, 3], [0, 0])
      .drawPolygons([
        [0, 0],
        [3, 31],
        [3, 3],
      ])
      .drawTexts('x', [0, -1]);
    expect(warnings).toEqual(
      ['bbox', 'circle', 'line', 'polygon', 'text'].map(
        (what) => `Warning: The ${what} is out of bounds, the drawn ${what} may not be in the image`,
      ),
    );
  });

  it('says what cannot be drawn', () => {
    const code = 'ENGINE_VISUALIZATION_BAD_COORDINATES';
    for (const draw of [
      () => drawing().drawBboxes([10, 10, 5, 20]),
      () => drawing().drawBboxes([[1, 2, 3]]),
      () => drawing().drawBboxes([0, 0, Number.NaN, 1]),
      () => drawing().drawBboxes(floats([1, 1, 4], 0, 0, 1, 1)),
      () => drawing().drawCircles([1, 1], [1, 2]),
      () => drawing().drawCircles([1, 1], Number.POSITIVE_INFINITY),
      () =>
        drawing().drawLines(
          [0, 1],
          [
            [0, 1],
            [2, 3],
          ],
        ),
      () => drawing().drawTexts(['a', 'b'], [1, 1]),
      () => drawing().drawPolygons([[1, 2, 3]]),
      () => drawing().drawPoints([1]),
    ])
      expect(draw).toThrow(code);
    const two = floats([2, 4], 0, 0, 1, 1, 0, 0, 2, 2);
    expect(() => drawing().drawBboxes(two, { edgeColors: ['r'] })).toThrow('ENGINE_VISUALIZATION_BAD_STYLE');
    expect(() => drawing().drawBboxes(two, { lineWidths: [1] })).toThrow('lineWidths');
  });

  it('has the drawing of feature maps at hand', () => {
    expect(Drawing.drawFeatmap(floats([1, 2, 1], 0, 1)).shape).toEqual([1, 2, 3]);
  });
});
