import type * as tf from '@tensorflow/tfjs-core';
import * as asm from './assembler.js';
import { kernel, type WasmHeap } from './heap.js';
import { type Memory, wasm } from './web-assembly.js';

/** Parameters of the functions (addresses, and distances in bytes), and the local that counts. */
const [A, B, C, OUT, ROUNDS_END, END, AT] = [0, 1, 2, 3, 4, 5, 6] as const;
const { op, getLocal } = asm;

/** Called with the parameters in that order. */
type Compute = (...parameters: number[]) => void;
type Functions = Readonly<Record<'each' | 'scalar', Compute>>;

/** The address in this round. */
const at = (base: number): asm.Code => [...getLocal(base), ...getLocal(AT), ...op.i32Add];

const whileBelow = (limit: number, step: number, body: asm.Code): asm.Code => [
  ...op.block,
  ...op.loop,
  ...[...getLocal(AT), ...getLocal(limit), ...op.i32GreaterOrEqual, ...asm.branchIf(1)],
  ...body,
  ...asm.increment(AT, step),
  ...asm.branch(0),
  ...op.end,
  ...op.end,
];

/** Pairs a round, one after the other: two float32 become one vector of doubles. */
const PAIRS = 4;
const ROUND = 8 * PAIRS;
const pair = (base: number, offset: number): asm.Code => [...at(base), ...asm.loadPair(offset), ...op.f64x2Promote];
const one = (address: asm.Code): asm.Code => [...address, ...asm.f32Load, ...op.f64Promote];

/** `out = a + b * c` in rounds of pairs, then over the last elements. */
function functionOf(name: keyof Functions, simd: boolean): asm.WasmFunction {
  const c = name === 'each' ? at(C) : getLocal(C);
  const pairOfC = (offset: number) =>
    name === 'each' ? pair(C, offset) : [...c, ...asm.loadSplat, ...op.f64x2Promote];
  const pairs = Array.from({ length: PAIRS }, (_, i) => [
    ...at(OUT),
    ...[...pair(A, 8 * i), ...pair(B, 8 * i), ...pairOfC(8 * i), ...op.f64x2Multiply, ...op.f64x2Add],
    ...[...op.f32x4Demote, ...asm.storePair(8 * i)],
  ]).flat();
  const single = [
    ...at(OUT),
    ...[...one(at(A)), ...one(at(B)), ...one(c), ...op.f64Multiply, ...op.f64Add],
    ...[...op.f32Demote, ...asm.f32Store],
  ];
  const body = [...(simd ? whileBelow(ROUNDS_END, ROUND, pairs) : []), ...whileBelow(END, 4, single)];
  return { name, parameters: 6, locals: 1, body };
}

/** The functions as a module over imported memory. Vectors change their speed only. */
export function multiplyAddModule({ simd, shared }: { readonly simd: boolean; readonly shared: boolean }): Uint8Array {
  return asm.assemble([functionOf('each', simd), functionOf('scalar', simd)], { shared });
}

const instances = new WeakMap<Memory, Functions>();

/** The functions over the heap of one backend. */
function functionsOf({ wasm: heap }: WasmHeap): Functions {
  const memory = heap.asm?.memory ?? (heap.wasmMemory as Memory);
  const found = instances.get(memory);
  if (found !== undefined) return found;
  const shared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
  const vectorised = multiplyAddModule({ simd: true, shared });
  const code = wasm.validate(vectorised) ? vectorised : multiplyAddModule({ simd: false, shared });
  const made = new wasm.Instance(new wasm.Module(code), { env: { memory } }).exports as Functions;
  instances.set(memory, made);
  return made;
}

/** `MultiplyAdd` of `@engine/core`, rounded once: in double precision the product of two float32 is exact. */
export const multiplyAdd: tf.KernelFunc = kernel<Record<'a' | 'b' | 'c', tf.TensorInfo>>(({ inputs, backend }) => {
  const out = backend.makeOutput([...inputs.a.shape], 'float32');
  const [a, b, c, target] = [inputs.a, inputs.b, inputs.c, out].map(
    ({ dataId }) => backend.dataIdMap.get(dataId).memoryOffset,
  ) as [number, number, number, number];
  const count = sizeOf(inputs.a);
  const { each, scalar } = functionsOf(backend);
  const compute = sizeOf(inputs.c) === 1 ? scalar : each;
  compute(a, b, c, target, ROUND * Math.floor((4 * count) / ROUND), 4 * count);
  return out;
});

const sizeOf = ({ shape }: tf.TensorInfo): number => shape.reduce((size, extent) => size * extent, 1);
