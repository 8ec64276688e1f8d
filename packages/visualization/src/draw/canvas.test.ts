import { hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Canvas } from './canvas.js';
import type { Point } from './coverage.js';

/** Red of each pixel, line by line: 0 where black ink covers white paper, `#` for fully covered, `.` for untouched, else a digit of ink. */
const ink = (canvas: Canvas): string[] => {
  const { data } = canvas.toImage();
  return Array.from({ length: canvas.height }, (_, y) =>
    Array.from({ length: canvas.width }, (_, x) => {
      const red = data[(y * canvas.width + x) * 3] ?? 0;
      if (red === 0) return '#';
      return red === 255 ? '.' : String(Math.min(9, Math.round(((255 - red) / 255) * 10)));
    }).join(''),
  );
};
const black = { color: 'black' } as const;
const fill = { fill: black };

describe('Canvas', () => {
  it('fills boxes of whole pixels sharply, and parts of pixels by their share', () => {
    expect(ink(Canvas.blank(5, 4).box([1, 1, 4, 3], fill))).toEqual(['.....', '.###.', '.###.', '.....']);
    expect(ink(Canvas.blank(4, 3).box([0.5, 1, 2.25, 2], fill))).toEqual(['....', '5#3.', '....']);
  });

  it('draws lines as wide as told, with round ends', () => {
    const line: Point[] = [
      [2, 2],
      [6, 2],
    ];
    expect(ink(Canvas.blank(8, 4).line(line, { ...black, width: 2 }))).toEqual([
      '........',
      '.8####8.',
      '.8####8.',
      '........',
    ]);
  });

  it('draws an outline with alpha once, also where its sides meet', () => {
    const canvas = Canvas.blank(9, 9).box([2, 2, 7, 7], { stroke: { ...black, width: 2, alpha: 0.5 } });
    const levels = new Set(canvas.toImage().data);
    expect(levels).toEqual(new Set([255, 128, expect.any(Number)]));
    expect(Math.min(...levels)).toBe(128);
  });

  it('draws outlines over insides', () => {
    const canvas = Canvas.blank(8, 8).box([1, 1, 7, 7], { stroke: { color: 'red' }, fill: { color: 'blue' } });
    const { data } = canvas.toImage();
    const at = (x: number, y: number) => [...data.subarray((y * 8 + x) * 3, (y * 8 + x) * 3 + 3)];
    expect([at(4, 4), at(1, 4), at(4, 0)]).toEqual([
      [0, 0, 255],
      [255, 0, 0],
      [255, 0, 0],
    ]);
  });

  it('draws discs and rings of the right area', () => {
    const inkOf = (canvas: Canvas) =>
      canvas.toImage().data.reduce((sum, value, index) => (index % 3 === 0 ? sum + (255 - value) / 255 : sum), 0);
    expect(inkOf(Canvas.blank(64, 64).circle([32, 32], 20, fill))).toBeCloseTo(Math.PI * 400, -1);
    const ring = Canvas.blank(64, 64).circle([32, 32], 20, { stroke: { ...black, width: 4 } });
    expect(Math.abs(inkOf(ring) - 2 * Math.PI * 20 * 4)).toBeLessThan(5);
    const dashed = Canvas.blank(64, 64).circle([32, 32], 20, { stroke: { ...black, width: 4, line: '--' } });
    expect(Math.abs(inkOf(dashed) / inkOf(ring) - 3.7 / 5.3)).toBeLessThan(0.1);
  });

  it('leaves gaps in dashed lines, in lengths of their width, going on around corners', () => {
    const [row] = ink(
      Canvas.blank(24, 1).line(
        [
          [0, 0.5],
          [24, 0.5],
        ],
        { ...black, width: 1, line: ':' },
      ),
    );
    expect(row?.match(/\./g)?.length).toBeGreaterThan(5);
    for (const line of ['--', ':', '-.'] as const) {
      const bent = Canvas.blank(30, 30).line(
        [
          [5, 5],
          [25, 5],
          [25, 25],
        ],
        { ...black, line },
      );
      const text = ink(bent).join('');
      expect(text).toContain('#');
      expect(text).toContain('.');
    }
  });

  it('fills what a polygon winds around, also when it crosses itself', () => {
    const star: Point[] = [0, 2, 4, 1, 3].map((corner) => {
      const angle = (corner * 2 * Math.PI) / 5;
      return [20 + 18 * Math.sin(angle), 20 - 18 * Math.cos(angle)];
    });
    const drawn = ink(Canvas.blank(40, 40).polygon(star, fill));
    expect(drawn[20]?.[20]).toBe('#');
    expect(drawn[2]?.[2]).toBe('.');
  });

  it('writes text where it is told to, by any of its sides', () => {
    const size = 9;
    expect(ink(Canvas.blank(7, 9).text('T', { ...black, at: [1, 1], size }))).toEqual([
      '.......',
      '.#####.',
      ...Array.from({ length: 6 }, () => '...#...'),
      '.......',
    ]);
    const right = Canvas.blank(20, 20).text('ab\nc', {
      ...black,
      at: [20, 20],
      size,
      horizontal: 'right',
      vertical: 'bottom',
    });
    const left = Canvas.blank(20, 20).text('ab\nc', { ...black, at: [9, 1], size });
    expect(ink(right)).toEqual(ink(left));
    const middle = Canvas.blank(21, 21).text('x', { ...black, at: [10, 10], horizontal: 'center', vertical: 'center' });
    expect(ink(middle)[9]).toContain('#');
  });

  it('writes larger sizes as multiples, unknown characters as a box, and a background behind', () => {
    const small = ink(Canvas.blank(12, 9).text('Ag', { ...black, at: [0, 0] }));
    const large = ink(Canvas.blank(24, 18).text('Ag', { ...black, at: [0, 0], size: 18 }));
    expect(large.filter((_, y) => y % 2 === 0).map((row) => row.replaceAll(/(.)\1/g, '$1'))).toEqual(small);
    expect(ink(Canvas.blank(5, 9).text('ü', { ...black, at: [0, 0] })).join('')).toMatch(/^#{5}#\.{3}#/);
    expect(ink(Canvas.blank(6, 9).text('', { ...black, at: [0, 0] })).join('')).not.toContain('#');
    const behind = Canvas.blank(9, 11).text(' ', {
      color: 'white',
      at: [2, 1],
      background: { color: 'black', pad: 1 },
    });
    expect(ink(behind)[0]).toBe('.#######.');
  });

  it('has a glyph of its own for every printable character', () => {
    const glyphs = Array.from({ length: 95 }, (_, i) =>
      ink(Canvas.blank(5, 9).text(String.fromCharCode(32 + i), { ...black, at: [0, 0] })).join('\n'),
    );
    expect(new Set(glyphs).size).toBe(95);
  });

  it('colours what a mask covers', () => {
    const mask = hostArray('bool', [2, 2], Uint8Array.from([1, 0, 0, 1]));
    expect(ink(Canvas.blank(2, 2).mask(mask, black))).toEqual(['#.', '.#']);
    expect(
      Canvas.blank(2, 2)
        .mask(mask, { ...black, alpha: 0.8 })
        .toImage().data[0],
    ).toBe(51);
    const code = 'ENGINE_VISUALIZATION_BAD_MASK';
    expect(() => Canvas.blank(3, 2).mask(mask, black)).toThrow(code);
    const scores = hostArray('float32', [2, 2], new Float32Array(4));
    expect(() => Canvas.blank(2, 2).mask(scores as never, black)).toThrow(code);
  });

  it('copies its picture in and out; gray is repeated, transparent is white', () => {
    const gray = hostArray('uint8', [1, 2, 1], Uint8Array.from([7, 9]));
    const canvas = new Canvas(gray);
    const before = canvas.toImage();
    canvas.box([0, 0, 2, 1], fill);
    expect([...before.data]).toEqual([7, 7, 7, 9, 9, 9]);
    expect([...gray.data]).toEqual([7, 9]);
    const clear = hostArray('uint8', [1, 2, 4], Uint8Array.from([0, 0, 0, 0, 10, 20, 30, 255]));
    expect([...new Canvas(clear).toImage().data]).toEqual([255, 255, 255, 10, 20, 30]);
  });

  it('lays pictures over each other and cuts off what reaches past the edge', () => {
    const tile = Canvas.blank(2, 2, 'black').toImage();
    expect(ink(Canvas.blank(3, 3).image(tile, [2, 2]))).toEqual(['...', '...', '..#']);
    expect(ink(Canvas.blank(3, 3).image(tile, [-1, -1]))).toEqual(['#..', '...', '...']);
  });

  it('never draws outside itself, wherever a shape lies', () => {
    const place = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(place, place, place, place, (a, b, c, d) => {
        const canvas = Canvas.blank(6, 5);
        canvas.line(
          [
            [a, b],
            [c, d],
          ],
          { ...black, line: '--' },
        );
        canvas.circle([a, b], Math.abs(c) / 10, { stroke: black });
        canvas.polygon(
          [
            [a, b],
            [c, d],
            [b, a],
          ],
          fill,
        );
        expect(canvas.toImage().data.length).toBe(90);
      }),
      { numRuns: 40 },
    );
  });
});
