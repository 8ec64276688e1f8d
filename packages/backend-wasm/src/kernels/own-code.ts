/** What kernels in WebAssembly of their own share: loops over elements, and modules over the heap of a backend. */
import * as asm from './assembler.js';
import type { WasmHeap } from './heap.js';
import { type Memory, wasm } from './web-assembly.js';

const { op, getLocal } = asm;

/** Elements of one kind at an address: single ones, or pairs in the lower half of a vector. Their doubles have the same number of elements. */
export interface Lanes {
  /** Distance in bytes from the elements of one turn to those of the next. */
  readonly bytes: number;
  load(offset: number): asm.Code;
  /** One element for all lanes. */
  readonly loadScalar: asm.Code;
  store(offset: number): asm.Code;
  readonly promote: asm.Code;
  readonly demote: asm.Code;
  readonly squareRoot: asm.Code;
  readonly add: asm.Code;
  readonly subtract: asm.Code;
  readonly multiply: asm.Code;
  readonly divide: asm.Code;
  readonly doubleMultiply: asm.Code;
  readonly doubleAdd: asm.Code;
}

export const single: Lanes = {
  bytes: 4,
  load: () => asm.f32Load,
  loadScalar: asm.f32Load,
  store: () => asm.f32Store,
  promote: op.f64Promote,
  demote: op.f32Demote,
  squareRoot: op.f32SquareRoot,
  add: op.f32Add,
  subtract: op.f32Subtract,
  multiply: op.f32Multiply,
  divide: op.f32Divide,
  doubleMultiply: op.f64Multiply,
  doubleAdd: op.f64Add,
};

export const pair: Lanes = {
  bytes: 8,
  load: asm.loadPair,
  loadScalar: asm.loadSplat,
  store: asm.storePair,
  promote: op.f64x2Promote,
  demote: op.f32x4Demote,
  squareRoot: op.f32x4SquareRoot,
  add: op.f32x4Add,
  subtract: op.f32x4Subtract,
  multiply: op.f32x4Multiply,
  divide: op.f32x4Divide,
  doubleMultiply: op.f64x2Multiply,
  doubleAdd: op.f64x2Add,
};

/** Pairs of one turn of the vectorised loop. */
const PAIRS = 4;
const ROUND = PAIRS * pair.bytes;

/** What to do for the elements at `counter` (a local that holds a distance in bytes) plus `offset`. */
export type Body = (lanes: Lanes, offset: number, counter: number) => asm.Code;

/**
 * A function over addresses: `addresses` parameters, then two more that `lengths` gives. Does `body` for every element, several at a time
 * where there are vectors.
 */
export function elementwise(
  name: string,
  body: Body,
  { addresses, simd }: { readonly addresses: number; readonly simd: boolean },
): asm.WasmFunction {
  const [roundsEnd, end, counter] = [addresses, addresses + 1, addresses + 2];
  const whileBelow = (limit: number, step: number, turn: asm.Code): asm.Code => [
    ...op.block,
    ...op.loop,
    ...[...getLocal(counter), ...getLocal(limit), ...op.i32GreaterOrEqual, ...asm.branchIf(1)],
    ...turn,
    ...asm.increment(counter, step),
    ...asm.branch(0),
    ...op.end,
    ...op.end,
  ];
  const turns = Array.from({ length: PAIRS }, (_, i) => body(pair, i * pair.bytes, counter)).flat();
  return {
    name,
    parameters: addresses + 2,
    locals: 1,
    body: [
      ...(simd ? whileBelow(roundsEnd, ROUND, turns) : []),
      ...whileBelow(end, single.bytes, body(single, 0, counter)),
    ],
  };
}

/** The last two parameters of an elementwise function for so many elements. */
export const lengths = (count: number): [roundsEnd: number, end: number] => [
  ROUND * Math.floor((4 * count) / ROUND),
  4 * count,
];

/** The address of the elements of this turn. */
export const elements = (base: number, counter: number): asm.Code => [
  ...getLocal(base),
  ...getLocal(counter),
  ...op.i32Add,
];

/** Functions that are called with their parameters in order. */
export type Exports<N extends string> = Readonly<Record<N, (...parameters: number[]) => void>>;

/** Makes functions over the heap of a backend, once for each memory; with vectors where the platform has them. */
export function overHeap<N extends string>(
  functions: (simd: boolean) => readonly asm.WasmFunction[],
): (backend: WasmHeap) => Exports<N> {
  const instances = new WeakMap<Memory, Exports<N>>();
  return ({ wasm: heap }) => {
    const memory = heap.asm?.memory ?? (heap.wasmMemory as Memory);
    const found = instances.get(memory);
    if (found !== undefined) return found;
    const shared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
    const vectorised = asm.assemble(functions(true), { shared });
    const code = wasm.validate(vectorised) ? vectorised : asm.assemble(functions(false), { shared });
    const made = new wasm.Instance(new wasm.Module(code), { env: { memory } }).exports as Exports<N>;
    instances.set(memory, made);
    return made;
  };
}

/** Where the elements of a tensor lie. */
export const addressOf = (backend: WasmHeap, { dataId }: { readonly dataId: object }): number =>
  backend.dataIdMap.get(dataId).memoryOffset;
