/** The two passes of resampling bytes, in WebAssembly's vectors: the same integers as the loops in `resample.ts`. */
import * as wasm from './wasm-code.js';

const { op, get, set, i32 } = wasm;
type Code = wasm.Code;

/** Weights have so many bits behind the point; they are cut into an upper part and a lower one of so many bits, which fit into 16. */
export const [BITS, LOWER_BITS] = [22, 11];
/** Bytes of a pair of weights: two upper parts, two lower. */
export const PAIR_BYTES = 8;
/** Bytes that are read, or written, behind the last that counts. */
export const BEYOND = 16;

const word = (value: number): Code => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >> 24];
const HALF = wasm.v128([0, 1, 2, 3].flatMap(() => word(1 << (BITS - 1))));
const ZERO = wasm.v128(Array.from({ length: 16 }, () => 0));
const NONE = 255;
/** Of two pixels side by side: red and red, green and green, blue and blue, in 16 bits each. */
const PAIRS_OF_COLOURS = wasm.v128([0, 3, 1, 4, 2, 5, NONE, NONE].flatMap((byte) => [byte, NONE]));

/** The sums of upper and of lower products as 32-bit integers, rounded: whatever they are they wrap as one sum would. */
const total = (upper: number, lower: number): Code => [
  ...[...get(upper), ...i32(LOWER_BITS), ...op.i32x4ShiftLeft, ...get(lower), ...op.i32x4Add],
  ...[...HALF, ...op.i32x4Add, ...i32(BITS), ...op.i32x4ShiftRight],
];
/** `sum += pixels . weights`, two products a lane. */
const accumulate = (sum: number, pixels: number, weights: Code): Code => [
  ...[...get(sum), ...get(pixels), ...weights, ...op.dot, ...op.i32x4Add, ...set(sum)],
];

/**
 * across(source, sourceEnd, sourceRow, places, placesEnd, weights, turn, target): rows of three channels to rows of another width.
 * `places`: for each new pixel the byte in the row where its first old one lies; `turn`: bytes of the weights of a pixel.
 */
function across(): wasm.WasmFunction {
  const [source, sourceEnd, sourceRow, places, placesEnd, weights, turn, target] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [place, weight, weightEnd, at] = [8, 9, 10, 11];
  const [upper, lower, pixels] = [12, 13, 14];
  const pair: Code = [
    ...[...get(at), ...wasm.load(), ...PAIRS_OF_COLOURS, ...op.swizzle, ...set(pixels)],
    ...accumulate(upper, pixels, [...get(weight), ...wasm.loadSplat()]),
    ...accumulate(lower, pixels, [...get(weight), ...wasm.loadSplat(4)]),
    ...wasm.advance(at, i32(6)),
    ...wasm.advance(weight, i32(PAIR_BYTES)),
  ];
  const pixel: Code = [
    ...[...get(place), ...wasm.i32Load(), ...get(source), ...op.i32Add, ...set(at)],
    ...[...get(weight), ...get(turn), ...op.i32Add, ...set(weightEnd)],
    ...[...ZERO, ...set(upper), ...ZERO, ...set(lower)],
    ...wasm.until(weight, get(weightEnd), pair),
    ...[...get(target), ...total(upper, lower), ...ZERO, ...op.i16x8Narrow, ...ZERO, ...op.u8x16Narrow],
    ...wasm.storeFour(), // the fourth is overwritten by the next pixel
    ...wasm.advance(target, i32(3)),
    ...wasm.advance(place, i32(4)),
  ];
  const row: Code = [
    ...[...get(places), ...set(place), ...get(weights), ...set(weight)],
    ...wasm.until(place, get(placesEnd), pixel),
    ...wasm.advance(source, get(sourceRow)),
  ];
  const body = wasm.until(source, get(sourceEnd), row);
  return { name: 'across', parameters: 8, integers: 4, vectors: 3, body };
}

/**
 * down(source, row, places, placesEnd, weights, turn, target): rows of `row` bytes to another number of them.
 * `places`: for each new row the byte where its first old one lies; `turn`: bytes of the weights of a row.
 */
function down(): wasm.WasmFunction {
  const [source, row, places, placesEnd, weights, turn, target] = [0, 1, 2, 3, 4, 5, 6];
  const [weight, weightEnd, at, column, from] = [7, 8, 9, 10, 11];
  const sums = [12, 13, 14, 15].map((upper) => [upper, upper + 4] as const);
  const [one, other, pixels, upperWeights, lowerWeights] = [20, 21, 22, 23, 24];
  const interleaved = [0, 8].map((first) =>
    wasm.shuffle([0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [first + i, first + i + 16])),
  );
  const quarters = sums.flatMap(([upper, lower], i) => [
    ...[...get(one), ...get(other), ...(interleaved[i >> 1] as Code)],
    ...[...(i % 2 === 0 ? op.i16x8FromLowBytes : op.i16x8FromHighBytes), ...set(pixels)],
    ...accumulate(upper, pixels, get(upperWeights)),
    ...accumulate(lower, pixels, get(lowerWeights)),
  ]);
  const pair: Code = [
    ...[...get(at), ...wasm.load(), ...set(one), ...get(at), ...get(row), ...op.i32Add, ...wasm.load(), ...set(other)],
    ...[
      ...get(weight),
      ...wasm.loadSplat(),
      ...set(upperWeights),
      ...get(weight),
      ...wasm.loadSplat(4),
      ...set(lowerWeights),
    ],
    ...quarters,
    ...wasm.advance(at, [...get(row), ...get(row), ...op.i32Add]),
    ...wasm.advance(weight, i32(PAIR_BYTES)),
  ];
  const half = (first: number): Code => [
    ...sums.slice(first, first + 2).flatMap(([upper, lower]) => total(upper, lower)),
    ...op.i16x8Narrow,
  ];
  const block: Code = [
    ...[...get(from), ...get(column), ...op.i32Add, ...set(at), ...get(weights), ...set(weight)],
    ...sums.flat().flatMap((sum) => [...ZERO, ...set(sum)]),
    ...wasm.until(weight, get(weightEnd), pair),
    ...[...get(target), ...get(column), ...op.i32Add, ...half(0), ...half(2), ...op.u8x16Narrow, ...wasm.store()],
    ...wasm.advance(column, i32(BEYOND)),
  ];
  const line: Code = [
    ...[...get(places), ...wasm.i32Load(), ...get(source), ...op.i32Add, ...set(from), ...i32(0), ...set(column)],
    ...[...get(weights), ...get(turn), ...op.i32Add, ...set(weightEnd)],
    ...wasm.until(column, get(row), block),
    ...[...get(weightEnd), ...set(weights)],
    ...wasm.advance(target, get(row)),
    ...wasm.advance(places, i32(4)),
  ];
  return { name: 'down', parameters: 7, integers: 5, vectors: 13, body: wasm.until(places, get(placesEnd), line) };
}

/** A module with both passes. */
export const resampleCode = (): Uint8Array => wasm.assemble([across(), down()]);
