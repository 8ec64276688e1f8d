/** Writes WebAssembly's binary format (core specification 2.0, chapter 5): what {@link resampleCode} needs of it. */

export type Code = readonly number[];

/** Instructions by their names in the text format. */
export const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  i32Add: [0x6a],
  i32LessThan: [0x49],
  dot: [0xfd, 0xba, 0x01],
  i32x4Add: [0xfd, 0xae, 0x01],
  i32x4ShiftLeft: [0xfd, 0xab, 0x01],
  i32x4ShiftRight: [0xfd, 0xac, 0x01],
  i16x8Narrow: [0xfd, 0x85, 0x01],
  u8x16Narrow: [0xfd, 0x66],
  i16x8FromLowBytes: [0xfd, 0x89, 0x01],
  i16x8FromHighBytes: [0xfd, 0x8a, 0x01],
  swizzle: [0xfd, 0x0e],
} as const satisfies Readonly<Record<string, Code>>;

const [I32, V128] = [0x7f, 0x7b];

/** An unsigned integer of variable length (LEB128). */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** The same with a sign, for constants that are not negative. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value % 128) + 128, ...signed(Math.floor(value / 128))];
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const branchIf = (depth: number): Code => [0x0d, depth];
/** 16 bytes as they lie in memory. */
export const v128 = (bytes: readonly number[]): Code => [0xfd, 12, ...bytes];
export const shuffle = (lanes: readonly number[]): Code => [0xfd, 13, ...lanes];

/** What lies at the address that is `offset` bytes behind the one on the stack; nothing need be aligned. */
export const i32Load = (offset = 0): Code => [0x28, 0, ...unsigned(offset)];
export const load = (offset = 0): Code => [0xfd, 0, 0, ...unsigned(offset)];
/** Four bytes into every lane. */
export const loadSplat = (offset = 0): Code => [0xfd, 9, 0, ...unsigned(offset)];
export const store = (offset = 0): Code => [0xfd, 11, 0, ...unsigned(offset)];
/** The first four bytes of a vector. */
export const storeFour = (offset = 0): Code => [0xfd, 90, 0, ...unsigned(offset), 0];

/** `local += by`. */
export const advance = (local: number, by: Code): Code => [...get(local), ...by, ...op.i32Add, ...set(local)];
/** Does `body`, which moves `local` on, until that reaches `end`; once at least. */
export const until = (local: number, end: Code, body: Code): Code => [
  ...op.loop,
  ...body,
  ...[...get(local), ...end, ...op.i32LessThan, ...branchIf(0)],
  ...op.end,
];

/** A function over i32 parameters without a result; locals come after the parameters, zero at first. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

/** A module of functions over a memory that it imports as `env.memory`. */
export function assemble(functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ parameters }) => [0x60, ...list(Array.from({ length: parameters }, () => [I32])), 0]);
  const bodies = functions.map(({ integers, vectors, body }) =>
    sized([
      ...list([
        [...unsigned(integers), I32],
        [...unsigned(vectors), V128],
      ]),
      ...body,
      ...op.end,
    ]),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(2, [[...text('env'), ...text('memory'), 2, 0, 0]]),
    ...section(
      3,
      functions.map((_, type) => [type]),
    ),
    ...section(
      7,
      functions.map(({ name }, index) => [...text(name), 0, index]),
    ),
    ...section(10, bodies),
  ]);
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): Code => [id, ...sized(list(items))];
const text = (value: string): Code => sized(Array.from(value, (letter) => letter.charCodeAt(0)));
