import type { AdamStepInputs } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';
import * as asm from './assembler.js';
import { kernel } from './heap.js';
import { addressOf, type Body, elements, elementwise, lengths, overHeap } from './own-code.js';

const inputNames = [
  'start',
  'slope',
  'average',
  'averageSquare',
  'intake',
  'keepSquare',
  'intakeSquare',
  'root',
  'eps',
  'descent',
] as const satisfies readonly (keyof AdamStepInputs)[];
const outputNames = ['value', 'newAverage', 'newSquare'] as const;
type Name = (typeof inputNames)[number] | (typeof outputNames)[number];

/** Parameters of the functions by name. */
const place = Object.fromEntries([...inputNames, ...outputNames].map((name, i) => [name, i])) as Record<Name, number>;

/** The update of `@engine/core`'s `adamStep`, element by element; the two averages are written, then read back for the step. */
const bodyOf =
  (fromSlope: boolean): Body =>
  (lanes, offset, counter) => {
    const read = (name: Name): asm.Code => [...elements(place[name], counter), ...lanes.load(offset)];
    const rate = (name: Name): asm.Code => [...asm.getLocal(place[name]), ...lanes.loadScalar];
    const write = (name: Name, value: asm.Code): asm.Code => [
      ...elements(place[name], counter),
      ...value,
      ...lanes.store(offset),
    ];
    const addProduct = (a: asm.Code, b: asm.Code, c: asm.Code): asm.Code => [
      ...[...a, ...lanes.promote, ...b, ...lanes.promote, ...c, ...lanes.promote],
      ...[...lanes.doubleMultiply, ...lanes.doubleAdd, ...lanes.demote],
    ];
    const distance = [...read('slope'), ...read('average'), ...lanes.subtract];
    const kept = [...read('averageSquare'), ...rate('keepSquare'), ...lanes.multiply];
    const taken = [...read('slope'), ...rate('intakeSquare'), ...lanes.multiply];
    const spread = [
      ...[...read('newSquare'), ...lanes.squareRoot, ...rate('root'), ...lanes.divide],
      ...[...rate('eps'), ...lanes.add],
    ];
    const step = [...read('newAverage'), ...rate('descent'), ...lanes.multiply, ...spread, ...lanes.divide];
    return [
      ...write('newAverage', addProduct(read(fromSlope ? 'slope' : 'average'), distance, rate('intake'))),
      ...write('newSquare', addProduct(kept, taken, read('slope'))),
      ...write('value', [...read('start'), ...step, ...lanes.add]),
    ];
  };

/** One function for each end that the average may start from. */
export const adamStepFunctions = (simd: boolean): readonly asm.WasmFunction[] =>
  (['fromAverage', 'fromSlope'] as const).map((name) =>
    elementwise(name, bodyOf(name === 'fromSlope'), { addresses: inputNames.length + outputNames.length, simd }),
  );

const functionsOf = overHeap<'fromAverage' | 'fromSlope'>(adamStepFunctions);

/** `AdamStep` of `@engine/core` in one pass over memory. */
export const adamStep: tf.KernelFunc = kernel<Record<keyof AdamStepInputs, tf.TensorInfo>>(
  ({ inputs, backend, attrs }) => {
    const outputs = outputNames.map(() => backend.makeOutput([...inputs.start.shape], 'float32'));
    const addresses = [...inputNames.map((name) => inputs[name]), ...outputs].map((info) => addressOf(backend, info));
    const count = inputs.start.shape.reduce((size, extent) => size * extent, 1);
    const functions = functionsOf(backend);
    functions[attrs['fromSlope'] === true ? 'fromSlope' : 'fromAverage'](...addresses, ...lengths(count));
    return outputs;
  },
);
