import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HistoryBuffer } from './history-buffer.js';

interface GoldenCase {
  updates: [number, number][];
  max_length: number;
  windows: (number | null)[];
  mean: number[];
  max: number[];
  min: number[];
  current: number;
  values: { data: string };
  counts: { data: string };
}
const path = new URL('../../../tooling/golden/numerics/history_buffer.json', import.meta.url);
const golden = (JSON.parse(readFileSync(path, 'utf8')) as { history_buffer: GoldenCase[] }).history_buffer;

const doubles = (base64: string): number[] => [
  ...new Float64Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer),
];

describe('HistoryBuffer', () => {
  it('has golden cases', () => expect(golden.length).toBe(6));

  it.each(golden.map((c, i) => [i, c] as const))('agrees with the reference, case %i', (_, c) => {
    const buffer = new HistoryBuffer({ maxLength: c.max_length });
    for (const [value, count] of c.updates) buffer.update(value, count);
    for (const [i, window] of c.windows.entries()) {
      expect(buffer.mean(window ?? undefined)).toBeCloseTo(c.mean[i] as number, 12);
      expect(buffer.max(window ?? undefined)).toBe(c.max[i]);
      expect(buffer.min(window ?? undefined)).toBe(c.min[i]);
    }
    expect(buffer.current()).toBe(c.current);
    expect([...buffer.data.values]).toEqual(doubles(c.values.data));
    expect([...buffer.data.counts]).toEqual(doubles(c.counts.data));
  });

  it('divides by counts instead of weighting with them', () => {
    const buffer = new HistoryBuffer();
    buffer.update(1, 2);
    expect(buffer.mean()).toBe(0.5);
  });

  it('keeps the last maxLength values, whatever the number of updates', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 200 }),
        (maxLength, all) => {
          const buffer = new HistoryBuffer({ maxLength });
          for (const value of all) buffer.update(value);
          expect([...buffer.data.values]).toEqual(all.slice(-maxLength));
          expect(buffer.length).toBe(Math.min(maxLength, all.length));
        },
      ),
    );
  });

  it('may begin with a history', () => {
    const history = new HistoryBuffer({ maxLength: 2, values: [1, 2, 4], counts: [1, 1, 3] });
    expect([[...history.data.values], [...history.data.counts], history.isInteger]).toEqual([[2, 4], [1, 3], true]);
    expect(new HistoryBuffer({ values: [0.5, 1] }).mean()).toBe(0.75);
    expect(() => new HistoryBuffer({ values: [1], counts: [1, 2] })).toThrow('ENGINE_LOGGING_BAD_SCALAR');
  });

  it('survives JSON bit for bit, NaN and infinities included', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double(), fc.integer({ min: 1, max: 1000 }))), (updates) => {
        const buffer = new HistoryBuffer({ maxLength: 50 });
        for (const [value, count] of updates) buffer.update(value, count);
        const copy = HistoryBuffer.fromStateDict(JSON.parse(JSON.stringify(buffer.stateDict())));
        expect(copy.data).toEqual(buffer.data);
        expect(copy.stateDict()).toEqual(buffer.stateDict());
        expect(copy.isInteger).toBe(buffer.isInteger);
      }),
    );
  });

  it('saves long histories (base64 is joined from pieces)', () => {
    const buffer = new HistoryBuffer();
    for (let i = 0; i < 20_000; i += 1) buffer.update(Math.sin(i), 1 + (i % 3));
    expect(HistoryBuffer.fromStateDict(buffer.stateDict()).data).toEqual(buffer.data);
  });

  it('is integer until the first value that is not', () => {
    const buffer = new HistoryBuffer();
    expect(buffer.isInteger).toBe(false);
    buffer.update(3);
    expect(buffer.isInteger).toBe(true);
    buffer.update(0.5);
    buffer.update(4);
    expect(buffer.isInteger).toBe(false);
    const floats = new HistoryBuffer();
    floats.update(1, 1, false);
    expect(floats.isInteger).toBe(false);
  });

  it('does not hide a NaN', () => {
    const buffer = new HistoryBuffer();
    for (const value of [1, Number.NaN, 2]) buffer.update(value);
    expect([buffer.max(), buffer.min(), buffer.mean()]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(buffer.max(1)).toBe(2);
  });

  it('takes statistics by name or as a function', () => {
    const buffer = new HistoryBuffer();
    for (const value of [4, 1, 3]) buffer.update(value, 2);
    expect(buffer.statistics('max', 2)).toBe(3);
    expect(buffer.statistics('current', 2)).toBe(3);
    expect(buffer.statistics((values, counts) => values.length + (counts[0] ?? 0), 2)).toBe(4);
    expect(() => buffer.statistics('median' as 'mean')).toThrow('ENGINE_LOGGING_UNKNOWN_STATISTIC');
  });

  it('refuses what is not one number', () => {
    const buffer = new HistoryBuffer();
    expect(() => buffer.update([1] as unknown as number)).toThrow('ENGINE_LOGGING_BAD_SCALAR');
    for (const count of [0, -1, 1.5]) expect(() => buffer.update(1, count)).toThrow('ENGINE_LOGGING_BAD_SCALAR');
    for (const maxLength of [0, 0.5, Number.NaN])
      expect(() => new HistoryBuffer({ maxLength })).toThrow('ENGINE_LOGGING_BAD_OPTION');
  });

  it('refuses bad windows and empty histories', () => {
    const buffer = new HistoryBuffer();
    expect(buffer.mean()).toBeNaN();
    for (const ask of [() => buffer.max(), () => buffer.min(), () => buffer.current()])
      expect(ask).toThrow('ENGINE_LOGGING_EMPTY_HISTORY');
    buffer.update(1);
    for (const window of [0, -1, 1.5]) expect(() => buffer.mean(window)).toThrow('ENGINE_LOGGING_BAD_WINDOW');
  });

  it.each([
    undefined,
    null,
    3,
    {},
    { values: 'AA', counts: 1, maxLength: 3 },
    { values: 'AAAA', counts: 1, maxLength: 3 },
    { values: '', counts: 'AAAAAAAA8D8=', maxLength: 3 },
    { values: '', counts: 1 },
  ])('refuses the state %j', (state) => {
    expect(() => HistoryBuffer.fromStateDict(state)).toThrow('ENGINE_LOGGING_BAD_STATE');
  });
});
