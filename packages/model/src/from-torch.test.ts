import { type HostArray, hostArray, shapeToTorch, sizeOf, type TorchLayout, toTorchLayout } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateFromTorch, type TorchSlot } from './index.js';

const RANKS: Readonly<Record<TorchLayout, number>> = {
  same: 2,
  oihw: 4,
  'odhw-depthwise': 4,
  oiw: 3,
  oidhw: 5,
  iow: 3,
  iohw: 4,
  iodhw: 5,
};

const places = fc
  .constantFrom(...(Object.entries(RANKS) as [TorchLayout, number][]))
  .chain(([torchLayout, rank]) =>
    fc
      .array(fc.integer({ min: 1, max: 4 }), { minLength: rank, maxLength: rank })
      .map((shape) => ({ shape, torchLayout })),
  );

describe('stateFromTorch', () => {
  it('undoes what toTorchLayout does, for every layout, in single and double precision', () => {
    fc.assert(
      fc.property(places, fc.boolean(), (slot, double) => {
        const { shape, torchLayout } = slot;
        const values = Array.from({ length: sizeOf(shape) }, (_, i) => i + 1);
        const ours = double
          ? hostArray('float64', shape, Float64Array.from(values))
          : hostArray('float32', shape, Float32Array.from(values));
        const data = toTorchLayout<Float32Array | Float64Array>(ours.data, shape, torchLayout);
        const torch = { ...ours, shape: shapeToTorch(shape, torchLayout), data } as HostArray;
        expect(stateFromTorch(new Map([['a', torch]]), new Map([['a', slot]])).get('a')).toEqual(ours);
      }),
    );
  });

  it('leaves alone what has no place, no floats, or another number of axes', () => {
    const conv = { shape: [3, 3, 2, 4], torchLayout: 'oihw' } as const;
    const depthwise = { shape: [3, 3, 2, 2], torchLayout: 'odhw-depthwise' } as const;
    const flat = hostArray('float32', [4], new Float32Array(4));
    const whole = hostArray('int32', [4, 2, 3, 3], new Int32Array(72));
    const odd = hostArray('float32', [3, 1, 3, 3], new Float32Array(27));
    const state = new Map<string, HostArray>([
      ['conv', flat],
      ['whole', whole],
      ['odd', odd],
      ['free', flat],
    ]);
    const slots = new Map<string, TorchSlot>([
      ['conv', conv],
      ['whole', conv],
      ['odd', depthwise],
    ]);
    const result = stateFromTorch(state, slots);
    for (const [name, array] of state) expect(result.get(name)).toBe(array);
  });

  it('gives another size in our order of axes, so that errors can be read', () => {
    const slot = { shape: [3, 3, 2, 4], torchLayout: 'oihw' } as const;
    const other = hostArray('float32', [5, 2, 3, 3], new Float32Array(90));
    expect(stateFromTorch(new Map([['a', other]]), new Map([['a', slot]])).get('a')?.shape).toEqual([3, 3, 2, 5]);
  });
});
