import type * as tf from '@tensorflow/tfjs-core';
import * as asm from './assembler.js';
import { kernel } from './heap.js';
import { addressOf, type Body, elements, elementwise, lengths, overHeap } from './own-code.js';

/** Parameters of the functions. */
const [A, B, C, OUT] = [0, 1, 2, 3] as const;

/** `out = a + b * c`, in doubles. */
const bodyOf =
  (name: 'each' | 'scalar'): Body =>
  (lanes, offset, counter) => {
    const double = (base: number): asm.Code => [...elements(base, counter), ...lanes.load(offset), ...lanes.promote];
    const factor = name === 'each' ? double(C) : [...asm.getLocal(C), ...lanes.loadScalar, ...lanes.promote];
    return [
      ...elements(OUT, counter),
      ...[...double(A), ...double(B), ...factor, ...lanes.doubleMultiply, ...lanes.doubleAdd],
      ...[...lanes.demote, ...lanes.store(offset)],
    ];
  };

/** One function for a `c` like the others, one for a single number. Vectors change their speed only. */
export const multiplyAddFunctions = (simd: boolean): readonly asm.WasmFunction[] =>
  (['each', 'scalar'] as const).map((name) => elementwise(name, bodyOf(name), { addresses: 4, simd }));

const functionsOf = overHeap<'each' | 'scalar'>(multiplyAddFunctions);

/** `MultiplyAdd` of `@engine/core`, rounded once: in double precision the product of two float32 is exact. */
export const multiplyAdd: tf.KernelFunc = kernel<Record<'a' | 'b' | 'c', tf.TensorInfo>>(({ inputs, backend }) => {
  const out = backend.makeOutput([...inputs.a.shape], 'float32');
  const addresses = [inputs.a, inputs.b, inputs.c, out].map((info) => addressOf(backend, info));
  const { each, scalar } = functionsOf(backend);
  const compute = sizeOf(inputs.c) === 1 ? scalar : each;
  compute(...addresses, ...lengths(sizeOf(out)));
  return out;
});

const sizeOf = ({ shape }: tf.TensorInfo): number => shape.reduce((size, extent) => size * extent, 1);
