import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDoubles, encodeDoubles } from './doubles.js';

const bitsOf = (values: Float64Array): string[] =>
  [...new BigUint64Array(values.buffer)].map((bits) => bits.toString(16));

describe('doubles in base64', () => {
  it('come back bit for bit', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 40 }), (bits) => {
        const values = new Float64Array(BigUint64Array.from(bits).buffer);
        const back = decodeDoubles(encodeDoubles(values));
        // A NaN may change its payload on the way through a register; everything else keeps every bit.
        expect(back?.map((value) => (Number.isNaN(value) ? 0 : value))).toEqual(
          values.map((value) => (Number.isNaN(value) ? 0 : value)),
        );
      }),
    );
    const edges = Float64Array.of(0, -0, 5e-324, -1.7976931348623157e308, Infinity, -Infinity, 0.1);
    expect(bitsOf(decodeDoubles(encodeDoubles(edges)) ?? new Float64Array())).toEqual(bitsOf(edges));
  });

  it('are the little-endian bytes that every other language reads', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i));
    const bytes = Buffer.from(encodeDoubles(values), 'base64');
    expect(bytes.length).toBe(40_000);
    expect(bytes.readDoubleLE(8 * 4321)).toBe(values[4321]);
  });

  it.each([12_288 / 8 - 1, 12_288 / 8, 12_288 / 8 + 1, 3 * (12_288 / 8)])(
    'join at the seams, for %i values',
    (length) => {
      const values = Float64Array.from({ length }, (_, i) => i + 0.5);
      expect(decodeDoubles(encodeDoubles(values))).toEqual(values);
    },
  );

  it('are not read out of anything else', () => {
    for (const text of [
      undefined,
      null,
      3,
      {},
      [],
      'A',
      'AAAA',
      'AAAAAAAAAA==',
      'ÄÖÜß',
      'AAAAAAAAAAA\n',
      '====',
      '    ',
    ])
      expect(decodeDoubles(text)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const values = decodeDoubles(text);
        expect(values === undefined || Buffer.from(text, 'base64').length === values.byteLength).toBe(true);
      }),
    );
  });
});
