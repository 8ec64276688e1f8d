/** What is used of a global that Node's type declarations leave out. */
declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

/** Probes by asking the engine to validate a module of one function that uses the feature. */

/** `i32x4.splat`, dropped: the fixed-width SIMD proposal. */
export function hasSimd(): boolean {
  return validates([0xfd, 0x11]);
}

/** `i32x4.splat` and `f32x4.relaxed_madd` are told apart by their opcodes; the latter needs the relaxed SIMD proposal. */
export function hasRelaxedSimd(): boolean {
  const splat = [0x41, 0x00, 0xfd, 0x11];
  return validates([0xfd, 0x11, ...splat, ...splat, 0xfd, 0x85, 0x02]);
}

/** A module with one function `() -> v128` whose body is `i32.const 0` and then `code`. */
function validates(code: readonly number[]): boolean {
  const body = [0x00, 0x41, 0x00, ...code, 0x0b];
  const sections = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
    [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // type: () -> v128
    [0x03, 0x02, 0x01, 0x00], // one function of type 0
    [0x0a, body.length + 2, 0x01, body.length, ...body],
  ];
  return WebAssembly.validate(Uint8Array.from(sections.flat()));
}
