import type { ParameterLike, TorchLayout } from '@engine/core';

/** For each layout but the common one: our axes of PyTorch's last axis and of the one before. */
const axes: Readonly<Record<Exclude<TorchLayout, 'same'>, readonly [last: number, secondLast: number]>> = {
  oihw: [1, 0],
  'odhw-depthwise': [1, 0],
  oiw: [0, 1],
  oidhw: [2, 1],
  iohw: [1, 0],
  iow: [0, 1],
  iodhw: [2, 1],
};

/** Where a weight of two axes and more has what PyTorch calls its last two. */
export function lastTorchAxes({ shape, torchLayout }: Pick<ParameterLike, 'shape' | 'torchLayout'>): {
  readonly last: number;
  readonly secondLast: number;
} {
  const [last, secondLast] = torchLayout === 'same' ? [shape.length - 1, shape.length - 2] : axes[torchLayout];
  return { last, secondLast };
}
