import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProgressState } from './contract.js';
import { renderProgress } from './render-progress.js';

const plain = { cyan: (text: string) => text, dim: (text: string) => text };
const render = (state: Partial<ProgressState>, columns = 100): string =>
  renderProgress({ label: 'epoch 1/3', done: 612, total: 938, ...state }, { columns, colors: plain });
const barOf = (text: string): string => text.replaceAll(/[^━╸─]/g, '');

describe('renderProgress', () => {
  it('gives up the bar first, then parts from the right, then cuts', () => {
    expect(render({ eta: 36, memoryMB: 411.6 })).toMatch(/eta 0:00:36 {2}412 MB$/);
    const state = { rate: 66, eta: 36, values: { loss: 0.2113 } };
    const widths = [100, 64, 54, 40, 20, 12, 4, 1, 0].map((columns) => render(state, columns));
    expect(widths.map((text) => text.length <= 100)).not.toContain(false);
    expect(widths[0]).toMatch(/^epoch 1\/3 ━+╸?─+ {2}612\/938 {2}66 it\/s {2}loss 0\.211 {2}eta 0:00:36$/);
    expect(barOf(widths[0] ?? '')).toHaveLength(30);
    expect(barOf(widths[1] ?? '').length).toBeLessThan(30);
    expect(widths[1]).toContain('eta');
    expect(widths[3]).not.toContain('eta');
    expect(widths[4]).toBe('epoch 1/3 612/938');
    expect(widths.slice(5)).toEqual(['epoch 1/3 61', 'epoc', 'e', '']);
  });

  it('never takes more columns than there are', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'Z', ' ', '訓', '練', '한', '🚂', 'e\u0301', '\n', '\t', '\u001b'),
    });
    const state = fc.record({
      label: text,
      done: fc.nat(2000),
      total: fc.nat(1000),
      rate: fc.option(fc.double(), { nil: undefined }),
      eta: fc.option(fc.double(), { nil: undefined }),
      values: fc.dictionary(text, fc.double(), { maxKeys: 4 }),
    });
    fc.assert(
      fc.property(state, fc.nat(150), (each, columns) => {
        const line = render(each, columns);
        // Wide characters take two columns, a combining mark none.
        const width = [...line].reduce((sum, c) => sum + (/\p{M}/u.test(c) ? 0 : /[訓練한🚂]/u.test(c) ? 2 : 1), 0);
        expect(width).toBeLessThanOrEqual(columns);
        expect(line).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it('fills the bar with the work and never beyond', () => {
    const filled = (done: number, total: number): number =>
      barOf(render({ done, total }, 200)).replaceAll('─', '').length;
    expect([filled(0, 10), filled(5, 10), filled(10, 10), filled(25, 10)]).toEqual([0, 15, 30, 30]);
    expect([filled(0, 0), filled(-3, 10), filled(1, 1e9)]).toEqual([0, 0, 0]);
    for (let done = 1; done <= 100; done += 1) expect(filled(done, 100)).toBeGreaterThanOrEqual(filled(done - 1, 100));
  });

  it.each([
    [1234.56, '1235'],
    [0.000123456, '0.000123'],
    [-0.5, '-0.500'],
    [Number.NaN, 'nan'],
    [-Infinity, '-inf'],
  ])('shows the value %s short', (value, text) => {
    expect(render({ values: { loss: value } })).toContain(`loss ${text}`);
  });

  it.each([
    [0.123, '0.12 it/s'],
    [5.55, '5.5 it/s'],
    [66.4, '66 it/s'],
  ])('shows the rate %s as %s', (rate, text) => {
    expect(render({ rate })).toContain(text);
  });

  it('leaves out rates and times that nobody knows', () => {
    for (const unknown of [undefined, Number.NaN, Infinity])
      expect(render({ rate: unknown, eta: unknown })).not.toMatch(/it\/s|eta/);
  });
});
