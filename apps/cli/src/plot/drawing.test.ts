import { describe, expect, it } from 'vitest';
import type { Figure } from './figure.js';
import { pngOf } from './png.js';
import { drawSvg } from './svg.js';
import { drawTerminal } from './terminal.js';

const figure: Figure = {
  title: 'lr of <my> & "config"',
  subtitle: '4 epochs of 5 iterations',
  yLabel: 'lr',
  epochLength: 5,
  lines: [
    { label: 'backbone.* (9 parameters)', values: Float64Array.from({ length: 20 }, (_, i) => (i < 10 ? 0.1 : 0.01)) },
    { label: 'head.weight', values: Float64Array.from({ length: 20 }, (_, i) => 0.2 * (1 - i / 20)) },
  ],
};
const alone: Figure = { ...figure, lines: figure.lines.slice(0, 1) };
const paint = (text: string): string => text;

describe('the SVG', () => {
  it('has axes, epochs, a line and a legend row a curve, and nothing of the user’s text unescaped', () => {
    const svg = drawSvg(figure);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('lr of &#60;my&#62; &#38; &#34;config&#34;');
    expect(svg.match(/<path d="M86 /g)).toHaveLength(4);
    for (const text of ['>backbone.* (9 parameters)<', '>head.weight<', '>epoch<', '>iteration<', '>0.05<', '>4<'])
      expect(svg).toContain(text);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(drawSvg(alone)).not.toContain('backbone');
  });

  it('draws few values as the steps that they are', () => {
    expect(drawSvg(alone)).toMatch(/<path d="M86 [\d.]+(H[\d.]+V[\d.]+)+H872"/);
  });

  it('does not grow with the length of the run', () => {
    const long = { label: 'lr', values: Float64Array.from({ length: 500_000 }, (_, i) => Math.sin(i)) };
    expect(drawSvg({ ...figure, epochLength: 5000, lines: [long] }).length).toBeLessThan(60_000);
  });

  it.each([0, 1e-12, 3])('draws a value that never changes: %d', (value) => {
    const svg = drawSvg({ ...alone, lines: [{ label: 'lr', values: new Float64Array(7).fill(value) }] });
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe('the PNG', () => {
  it('is the SVG, twice as large', async () => {
    const png = await pngOf(drawSvg(figure));
    expect([...png.subarray(1, 4)].map((code) => String.fromCharCode(code)).join('')).toBe('PNG');
    expect(new DataView(png.buffer, png.byteOffset).getUint32(16)).toBe(1800);
  });

  it('says which package draws it where that is missing: ENGINE_CLI_NO_PNG', async () => {
    const load = (): Promise<never> => Promise.reject(new Error("Cannot find package '@resvg/resvg-js'"));
    await expect(pngOf('<svg/>', load)).rejects.toMatchObject({
      code: 'ENGINE_CLI_NO_PNG',
      action: expect.stringContaining('npm i @resvg/resvg-js'),
    });
  });
});

describe('the terminal chart', () => {
  it('is as wide as asked for, with labelled axes', () => {
    for (const columns of [30, 80, 120]) {
      const rows = drawTerminal(figure, { columns, paint }).split('\n');
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(columns + 8);
      expect(rows[0]).toMatch(/^\s*0\.2 ┤/);
      expect(rows.at(-2)).toMatch(/^ epoch 0 .*4$/);
    }
  });

  it('shows a fall where it is', () => {
    const rows = drawTerminal(alone, { columns: 60, paint }).split('\n').slice(0, 12);
    const dotted = rows.map((row) => [...row].flatMap((char, at) => (char >= '⠁' && char <= '⣿' ? [at] : [])));
    const high = dotted.find((found) => found.length > 0) as number[];
    const low = dotted.findLast((found) => found.length > 0) as number[];
    expect(Math.max(...high)).toBeLessThanOrEqual(Math.min(...low) + 1);
  });

  it('paints each line in its own way', () => {
    const lines = new Set<number>();
    drawTerminal(figure, { columns: 60, paint: (text, line) => (lines.add(line), text) });
    expect(lines).toEqual(new Set([0, 1]));
  });
});
