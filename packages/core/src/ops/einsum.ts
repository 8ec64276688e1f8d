import * as tf from '@tensorflow/tfjs-core';
import { single } from '../gradients/axes.js';

interface Equation {
  readonly operands: readonly string[];
  readonly output: string;
}

/** `ij,jk->ik`; without an arrow the output has every index that occurs once, in alphabetical order. TensorFlow.js has checked the rest. */
function parse(equation: string): Equation {
  const [left = '', right] = equation.replaceAll(/\s/g, '').split('->');
  const letters = Array.from(left.replaceAll(',', ''));
  const implied = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return { operands: left.split(','), output: right ?? implied.toSorted().join('') };
}

const only = (letters: string, wanted: (letter: string) => boolean): string =>
  Array.from(letters).filter(wanted).join('');

/** Sums the axes away whose index nobody else has. */
function withoutLonely(x: tf.Tensor, letters: string, kept: string): readonly [tf.Tensor, string] {
  const axes = Array.from(letters).flatMap((letter, axis) => (kept.includes(letter) ? [] : [axis]));
  return axes.length === 0 ? [x, letters] : [tf.sum(x, axes), only(letters, (letter) => kept.includes(letter))];
}

function ordered(x: tf.Tensor, from: string, to: string): tf.Tensor {
  return from === to
    ? x
    : tf.transpose(
        x,
        Array.from(to).map((letter) => from.indexOf(letter)),
      );
}

/** `Einsum` of one or two operands, composed of transposes and one matrix product. */
export function composedEinsum(tensors: readonly tf.Tensor[], equation: string): tf.Tensor {
  const { operands, output } = parse(equation);
  return tf.tidy(() => {
    const [first, second] = tensors as [tf.Tensor, tf.Tensor | undefined];
    const [lettersA = '', lettersB = ''] = operands;
    if (second === undefined) {
      const [x, letters] = withoutLonely(first, lettersA, output);
      return ordered(x, letters, output).clone();
    }
    const [a, inA] = withoutLonely(first, lettersA, lettersB + output);
    const [b, inB] = withoutLonely(second, lettersB, lettersA + output);
    const extents = new Map([
      ...Array.from(inA).map((letter, axis) => [letter, a.shape[axis] as number] as const),
      ...Array.from(inB).map((letter, axis) => [letter, b.shape[axis] as number] as const),
    ]);
    const shapeOf = (letters: string): number[] => Array.from(letters).map((letter) => extents.get(letter) as number);
    const sizeOf = (letters: string): number => shapeOf(letters).reduce((product, extent) => product * extent, 1);
    const shared = only(inA, (letter) => inB.includes(letter));
    const batch = only(shared, (letter) => output.includes(letter));
    const summed = only(shared, (letter) => !output.includes(letter));
    const [rows, columns] = [
      only(inA, (letter) => !inB.includes(letter)),
      only(inB, (letter) => !inA.includes(letter)),
    ];
    const left = tf.reshape(ordered(a, inA, batch + rows + summed), [sizeOf(batch), sizeOf(rows), sizeOf(summed)]);
    const right = tf.reshape(ordered(b, inB, batch + summed + columns), [
      sizeOf(batch),
      sizeOf(summed),
      sizeOf(columns),
    ]);
    const letters = batch + rows + columns;
    return ordered(tf.reshape(tf.matMul(left, right), shapeOf(letters)), letters, output);
  });
}

/** The gradient of an operand is an einsum of dy and the other operand, repeated along the axes that only this operand had. */
export const einsumGradient: tf.GradConfig = {
  kernelName: tf.Einsum,
  saveAllInputs: true,
  gradFunc: (dyOrList, saved, named) => {
    const { operands, output } = parse((named as unknown as tf.EinsumAttrs).equation);
    const dy = single(dyOrList);
    const gradientOf = (index: number): tf.Tensor => {
      const letters = operands[index] as string;
      const shape = (saved[index] as tf.Tensor).shape;
      const other = 1 - index;
      const known = output + (operands[other] ?? '');
      const kept = only(letters, (letter) => known.includes(letter));
      const terms = saved[other] === undefined ? [dy] : [dy, saved[other]];
      const names = saved[other] === undefined ? output : `${output},${operands[other]}`;
      const gradient = tf.einsum(`${names}->${kept}`, ...terms);
      const spread = shape.map((extent, axis) => (kept.includes(letters[axis] as string) ? extent : 1));
      return kept === letters ? gradient : tf.mul(tf.reshape(gradient, spread), tf.fill(shape, 1));
    };
    return Object.fromEntries(saved.map((_, index) => [String(index), () => gradientOf(index)]));
  },
};
