import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { addRatio, decayed, lerp, lerpSquare, lerpWeight, slopeOf } from './slope.js';

beforeAll(() => cpu().init());

const f = Math.fround;
const float = fc.float({ min: -100, max: 100, noNaN: true });
const read = (compute: () => tf.Tensor): number => tf.tidy(() => compute().dataSync()[0] as number);
const average = (from: number, next: number, intake: number): number =>
  read(() => lerp(tf.scalar(from), tf.scalar(next), { intake, weight: tf.scalar(lerpWeight(intake)) }));

describe('lerp', () => {
  it('starts from the nearer end: what torch.lerp computes, bit for bit', () => {
    // torch.lerp(torch.tensor(a), torch.tensor(b), w), PyTorch 2.15 on a CPU
    const recorded = [
      [0.1, 0.7, 0.1, 0.1599999964237213],
      [0.1, 0.7, 0.4, 0.3400000035762787],
      [0.1, 0.7, 0.6, 0.46000000834465027],
      [-3.3, 1.7, 0.95, 1.4500000476837158],
      [-3.3, 1.7, 0.03, -3.1499998569488525],
    ] as const;
    for (const [from, next, intake, expected] of recorded) expect(average(from, next, intake)).toBe(f(expected));
  });

  it('is exact at both ends and never leaves the range by more than its rounding', () => {
    fc.assert(
      fc.property(float, float, fc.double({ min: 0, max: 1, noNaN: true }), (from, next, intake) => {
        expect(Math.abs(average(from, next, 0) - from)).toBe(0);
        expect(Math.abs(average(from, next, 1) - next)).toBe(0);
        const slack = 1e-6 * (Math.abs(from) + Math.abs(next));
        const value = average(from, next, intake);
        expect(value).toBeGreaterThanOrEqual(Math.min(from, next) - slack);
        expect(value).toBeLessThanOrEqual(Math.max(from, next) + slack);
      }),
    );
  });
});

describe('lerpSquare and addRatio', () => {
  it('round once, where a fused operation does', () => {
    fc.assert(
      fc.property(float, float, (from, next) => {
        const rates = (): { keep: tf.Tensor; intake: tf.Tensor } => ({ keep: tf.scalar(0.9), intake: tf.scalar(0.1) });
        const expected = f(f(from * f(0.9)) + f(next * f(0.1)) * next);
        expect(read(() => lerpSquare(tf.scalar(from), tf.scalar(next), rates()))).toBe(expected);
        const ratio = f(from + f(f(next * f(-0.1)) / f(1.5)));
        expect(
          read(() => addRatio(tf.scalar(from), tf.scalar(next), { over: tf.scalar(1.5), scale: tf.scalar(-0.1) })),
        ).toBe(ratio);
      }),
    );
  });
});

describe('weight decay', () => {
  const input = () => ({
    value: tf.scalar(2),
    grad: tf.scalar(3),
    hyper: { weightDecay: tf.scalar(0.5), shrink: tf.scalar(0.75) },
  });

  it.each([
    [false, 0, 3],
    [true, 0, -3],
    [false, 0.5, 4],
    [true, 0.5, -2],
  ])('goes into the slope: maximize %s, decay %s gives %s', (maximize, weightDecay, expected) => {
    expect(read(() => slopeOf(input(), { maximize, weightDecay }))).toBe(expected);
  });

  it.each([
    [false, 0.5, 4, 2],
    [true, 0.5, 3, 1.5],
    [true, 0, 3, 2],
  ])('decoupled %s, decay %s: slope %s from %s', (decoupledWeightDecay, weightDecay, slope, start) => {
    const group = { maximize: false, weightDecay, decoupledWeightDecay };
    expect(read(() => decayed(input(), group).slope)).toBe(slope);
    expect(read(() => decayed(input(), group).start)).toBe(start);
  });
});
