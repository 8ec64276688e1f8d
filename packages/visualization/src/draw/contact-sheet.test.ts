import { describe, expect, it } from 'vitest';
import { Canvas } from './canvas.js';
import { contactSheet } from './contact-sheet.js';
import type { Image } from './image.js';

const tile = (width: number, height: number, color: string) => Canvas.blank(width, height, color).toImage();
const at = ({ shape, data }: Image, x: number, y: number) => {
  const from = (y * (shape[1] ?? 0) + x) * 3;
  return [...data.subarray(from, from + 3)];
};

describe('contactSheet', () => {
  it('puts pictures row by row, as square as it goes', () => {
    const sheet = contactSheet(['red', 'lime', 'blue', 'black', 'cyan'].map((color) => tile(4, 3, color)));
    expect(sheet.shape).toEqual([2 + 2 * 5, 2 + 3 * 6, 3]);
    expect([at(sheet, 2, 2), at(sheet, 14, 2), at(sheet, 2, 7), at(sheet, 0, 0)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
      [0, 0, 0],
      [255, 255, 255],
    ]);
    expect(at(sheet, 14, 7)).toEqual([255, 255, 255]);
  });

  it('centres smaller pictures in the cell of the largest', () => {
    const sheet = contactSheet([tile(6, 6, 'red'), tile(2, 2, 'blue')], { columns: 2, gap: 0, background: 'black' });
    expect(sheet.shape).toEqual([6, 12, 3]);
    expect([at(sheet, 8, 2), at(sheet, 7, 2)]).toEqual([
      [0, 0, 255],
      [0, 0, 0],
    ]);
  });

  it('writes captions, cut to the width of a cell', () => {
    const options = { columns: 1, captionColor: 'black' } as const;
    const long = contactSheet([tile(20, 4, 'white')], { ...options, captions: ['abcdefgh'] });
    const cut = contactSheet([tile(20, 4, 'white')], { ...options, captions: ['ab~'] });
    expect(long.shape[0]).toBe(2 + 4 + 2 + 12);
    expect(long.data).toEqual(cut.data);
    expect(long.data).toContain(0);
  });

  it('needs a picture', () => {
    expect(() => contactSheet([])).toThrow('ENGINE_VISUALIZATION_BAD_IMAGE');
    expect(() => contactSheet([tile(1, 1, 'red')], { columns: 0 })).toThrow('columns = 0');
  });
});
