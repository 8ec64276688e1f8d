import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Color, rgbOf } from './color.js';
import { classColor, contrastTo, palette } from './palette.js';

describe('rgbOf', () => {
  it('knows letters, names, hexadecimal and numbers', () => {
    const table: [Color, number[]][] = [
      ['g', [0, 127, 0]],
      ['c', [0, 191, 191]],
      ['green', [0, 128, 0]],
      ['RebeccaPurple', [102, 51, 153]],
      ['aliceblue', [240, 248, 255]],
      ['yellowgreen', [154, 205, 50]],
      ['#f80', [255, 136, 0]],
      ['#0a0b0cff', [10, 11, 12]],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    ];
    for (const [color, rgb] of table) expect(rgbOf(color), String(color)).toEqual(rgb);
  });

  it('refuses anything else', () => {
    for (const color of ['', 'constructor', 'grean', '#12', '#12345', [1, 2], [0, 0, 256], [0, -1, 0]]) {
      expect(() => rgbOf(color as Color), String(color)).toThrow('ENGINE_VISUALIZATION_BAD_COLOR');
    }
  });
});

describe('palette', () => {
  it('gives every class another colour, the same one whatever the number of classes', () => {
    const colors = palette(80);
    expect(new Set(colors.map(String)).size).toBe(80);
    expect(colors[17]).toEqual(classColor(17));
    expect(palette(0)).toEqual([]);
  });

  it('gives colours only', () => {
    fc.assert(fc.property(fc.nat(100_000), (index) => rgbOf(classColor(index)).every(Number.isInteger)));
  });

  it('has text that can be read on it', () => {
    expect(contrastTo([255, 255, 0])).toEqual([0, 0, 0]);
    expect(contrastTo([0, 0, 255])).toEqual([255, 255, 255]);
  });
});
