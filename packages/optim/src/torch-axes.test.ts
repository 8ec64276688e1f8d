import { shapeToTorch, type TorchLayout } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { lastTorchAxes } from './torch-axes.js';

const shapes: Readonly<Record<TorchLayout, readonly number[]>> = {
  same: [2, 3, 5],
  oihw: [2, 3, 5, 7],
  'odhw-depthwise': [2, 3, 5, 1],
  oiw: [2, 3, 5],
  oidhw: [2, 3, 5, 7, 11],
  iodhw: [2, 3, 5, 7, 11],
  iow: [2, 3, 5],
  iohw: [2, 3, 5, 7],
};

describe('lastTorchAxes', () => {
  it.each(Object.entries(shapes) as [TorchLayout, readonly number[]][])(
    "finds PyTorch's last two in %s",
    (torchLayout, shape) => {
      const { last, secondLast } = lastTorchAxes({ shape, torchLayout });
      expect([shape[secondLast], shape[last]]).toEqual(shapeToTorch(shape, torchLayout).slice(-2));
    },
  );
});
