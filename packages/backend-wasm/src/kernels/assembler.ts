/** Writes WebAssembly's binary format (core specification 2.0, chapter 5): what the small modules of this package need of it. */

export type Code = readonly number[];

/** Instructions and types by their names in the text format. */
export const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  i32Add: [0x6a],
  i32GreaterOrEqual: [0x4f],
  f32SquareRoot: [0x91],
  f32Add: [0x92],
  f32Subtract: [0x93],
  f32Multiply: [0x94],
  f32Divide: [0x95],
  f64Add: [0xa0],
  f64Multiply: [0xa2],
  f32Demote: [0xb6],
  f64Promote: [0xbb],
  f32x4Demote: [0xfd, 94],
  f64x2Promote: [0xfd, 95],
  f32x4SquareRoot: [0xfd, 0xe3, 0x01],
  f32x4Add: [0xfd, 0xe4, 0x01],
  f32x4Subtract: [0xfd, 0xe5, 0x01],
  f32x4Multiply: [0xfd, 0xe6, 0x01],
  f32x4Divide: [0xfd, 0xe7, 0x01],
  f64x2Add: [0xfd, 0xf0, 0x01],
  f64x2Multiply: [0xfd, 0xf2, 0x01],
} as const satisfies Readonly<Record<string, Code>>;

const I32 = 0x7f;
const MAX_PAGES = 65_536;

/** An integer of variable length (LEB128, not negative). */
export function unsigned(value: number): number[] {
  const rest = Math.floor(value / 128);
  return rest === 0 ? [value] : [(value % 128) + 128, ...unsigned(rest)];
}

/** The same with a sign bit, for constants from 0 to 63. */
const smallConstant = (value: number): Code => [0x41, value];

export const getLocal = (index: number): Code => [0x20, index];
export const setLocal = (index: number): Code => [0x21, index];
export const branch = (depth: number): Code => [0x0c, depth];
export const branchIf = (depth: number): Code => [0x0d, depth];
export const increment = (local: number, by: number): Code => [
  ...getLocal(local),
  ...smallConstant(by),
  ...op.i32Add,
  ...setLocal(local),
];

/** Where a float32 lies, `offset` bytes behind the address. */
const float = (offset: number): Code => [2, ...unsigned(offset)];
export const f32Load: Code = [0x2a, ...float(0)];
export const f32Store: Code = [0x38, ...float(0)];
/** Two float32 into the lower half of a vector. */
export const loadPair = (offset: number): Code => [0xfd, 93, ...float(offset)];
/** One float32 into every lane. */
export const loadSplat: Code = [0xfd, 9, ...float(0)];
/** The lower half of a vector. */
export const storePair = (offset: number): Code => [0xfd, 91, ...float(offset), 0];

/** A function over i32 parameters without a result. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  /** Further i32 locals, zero at first. */
  readonly locals: number;
  readonly body: Code;
}

/** A module of functions over a memory that it imports as `env.memory`. */
export function assemble(functions: readonly WasmFunction[], { shared }: { readonly shared: boolean }): Uint8Array {
  const limits = shared ? [3, 0, ...unsigned(MAX_PAGES)] : [0, 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(
      1,
      functions.map(({ parameters }) => [0x60, ...vector(Array.from({ length: parameters }, () => [I32])), 0]),
    ),
    ...section(2, [[...text('env'), ...text('memory'), 2, ...limits]]),
    ...section(
      3,
      functions.map((_, type) => [type]),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0, index]),
    ),
    ...section(
      10,
      functions.map(({ locals, body }) => sized([...vector([[locals, I32]]), ...body, ...op.end])),
    ),
  ]);
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): Code => [id, ...sized(vector(items))];
const text = (value: string): Code => sized(Array.from(value, (letter) => letter.charCodeAt(0)));
