import { type KernelCall, sizeOf } from '@engine/core';

type Shape = readonly number[];

/**
 * Multiply-adds of a kernel, for matrix products and convolutions: what a network computes nearly all of its time. 0 for all others
 * (elementwise ops, norms, pooling), as counters for PyTorch have it.
 */
export function multiplyAdds({ kernel, inputs, outputs, attrs }: KernelCall): number {
  const count = rules[kernel];
  const [output] = outputs;
  return count === undefined || output === undefined ? 0 : count({ inputs, output, attrs });
}

interface Work {
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly output: Shape;
  readonly attrs: Readonly<Record<string, unknown>>;
}
type Rule = (work: Work) => number;

const matMul: Rule = ({ inputs: { a = [] }, output, attrs }) =>
  sizeOf(output) * (a.at(attrs.transposeA === true ? -2 : -1) ?? 0);

/** Each output element takes a window of all input channels. */
const convolution: Rule = ({ inputs: { filter = [] }, output }) => sizeOf(output) * sizeOf(filter.slice(0, -1));

/** Each output element takes a window of one channel. */
const depthwise: Rule = ({ inputs: { filter = [] }, output }) => sizeOf(output) * sizeOf(filter.slice(0, -2));

/** A transposed convolution: each input element goes into a window of all output channels. */
const transposed: Rule = ({ inputs: { dy = [], filter = [] } }) => sizeOf(dy) * sizeOf(filter.slice(0, -1));

const rules: Readonly<Record<string, Rule>> = {
  BatchMatMul: matMul,
  _FusedMatMul: matMul,
  Conv2D: convolution,
  FusedConv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2D: depthwise,
  Conv2DBackpropInput: transposed,
  Conv3DBackpropInputV2: transposed,
};
