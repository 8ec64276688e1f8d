/** Initial values as PyTorch's `torch.nn.init` draws them: from the same stream, in the same order, with the same rounding. */
import { sizeOf, type TorchGenerator, type TruncNormalOptions } from '@engine/core';
import { modelErrors } from './errors.js';

/** Makes the values of a parameter, in PyTorch's shape and order. */
export type Initializer = (torchShape: readonly number[], generator: TorchGenerator) => Float32Array;

export const NONLINEARITIES = [
  'linear',
  'conv1d',
  'conv2d',
  'conv3d',
  'conv_transpose1d',
  'conv_transpose2d',
  'conv_transpose3d',
  'sigmoid',
  'tanh',
  'relu',
  'leaky_relu',
  'selu',
] as const;
export type Nonlinearity = (typeof NONLINEARITIES)[number];

export interface KaimingOptions {
  /** Negative slope of the leaky ReLU that follows; default 0. */
  readonly a?: number;
  /** Keeps the variance of activations (`fan_in`, default) or of gradients (`fan_out`). */
  readonly mode?: 'fan_in' | 'fan_out';
  /** Default `leaky_relu`. */
  readonly nonlinearity?: Nonlinearity;
}

/** Inputs and outputs that one element of a weight connects: (out, in, ...kernel). @throws `ENGINE_MODEL_BAD_INITIALIZER` below two axes. */
export function fans(torchShape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  const [out, inputs, ...kernel] = torchShape;
  if (out === undefined || inputs === undefined) {
    throw modelErrors.BAD_INITIALIZER({
      expected: 'a weight of at least two axes, (out, in, ...)',
      received: `shape (${torchShape.join(', ')})`,
      action: 'use constant, normal or uniform for vectors',
    });
  }
  return { fanIn: inputs * sizeOf(kernel), fanOut: out * sizeOf(kernel) };
}

const GAINS: Readonly<Partial<Record<Nonlinearity, number>>> = { tanh: 5 / 3, relu: Math.SQRT2, selu: 3 / 4 };

/** What makes up for how a nonlinearity shrinks deviations; `a` is the slope of a leaky ReLU (default 0.01). */
export function gainOf(nonlinearity: Nonlinearity, a = 0.01): number {
  if (nonlinearity === 'leaky_relu') return Math.sqrt(2 / (1 + a ** 2));
  return GAINS[nonlinearity] ?? 1;
}

export const constant =
  (value: number): Initializer =>
  (shape) =>
    new Float32Array(sizeOf(shape)).fill(value);

/** Uniform in [low, high). */
export const uniform =
  (low = 0, high = 1): Initializer =>
  (shape, generator) =>
    generator.uniform(sizeOf(shape), low, high);

export const normal =
  (mean = 0, std = 1): Initializer =>
  (shape, generator) =>
    generator.normal(sizeOf(shape), mean, std);

/** Normal cut to [a, b] (absolute bounds, default ±2), as MMEngine draws it or, with `method: 'rejection'`, as PyTorch does. */
export const truncNormal =
  (options: TruncNormalOptions = {}): Initializer =>
  (shape, generator) =>
    generator.truncNormal(sizeOf(shape), options);

/** Uniform of deviation gain / sqrt(fan). He et al. 2015. */
export const kaimingUniform =
  (options: KaimingOptions = {}): Initializer =>
  (shape, generator) => {
    const bound = Math.sqrt(3) * kaimingDeviation(shape, options);
    return generator.uniform(sizeOf(shape), -bound, bound);
  };

/** Normal of deviation gain / sqrt(fan). He et al. 2015. */
export const kaimingNormal =
  (options: KaimingOptions = {}): Initializer =>
  (shape, generator) =>
    generator.normal(sizeOf(shape), 0, kaimingDeviation(shape, options));

/** Uniform of deviation gain * sqrt(2 / (fanIn + fanOut)). Glorot and Bengio 2010. */
export const xavierUniform =
  (gain = 1): Initializer =>
  (shape, generator) => {
    const bound = Math.sqrt(3) * xavierDeviation(shape, gain);
    return generator.uniform(sizeOf(shape), -bound, bound);
  };

/** Normal of deviation gain * sqrt(2 / (fanIn + fanOut)). Glorot and Bengio 2010. */
export const xavierNormal =
  (gain = 1): Initializer =>
  (shape, generator) =>
    generator.normal(sizeOf(shape), 0, xavierDeviation(shape, gain));

/** What PyTorch's Linear and Conv draw for their weight. */
export const defaultWeight: Initializer = kaimingUniform({ a: Math.sqrt(5) });

/** What PyTorch's Linear and Conv draw for their bias: uniform within 1 / sqrt(fanIn) of the weight. */
export const defaultBias = (fanIn: number): Initializer => uniform(-1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn));

function kaimingDeviation(
  shape: readonly number[],
  { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' }: KaimingOptions,
): number {
  const { fanIn, fanOut } = fans(shape);
  return gainOf(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut);
}

function xavierDeviation(shape: readonly number[], gain: number): number {
  const { fanIn, fanOut } = fans(shape);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}
