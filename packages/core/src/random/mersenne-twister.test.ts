import { describe, expect, it } from 'vitest';
import { MersenneTwister } from './mersenne-twister.js';

describe('MersenneTwister', () => {
  it('gives the published ten thousandth output of the default seed', () => {
    const twister = new MersenneTwister(5489);
    let last = 0;
    for (let i = 0; i < 10_000; i++) last = twister.next();
    expect(last).toBe(4123659995);
  });

  it('gives the published first outputs when seeded by an array', () => {
    const twister = new MersenneTwister();
    twister.seedByArray([0x123, 0x234, 0x345, 0x456]);
    expect(Array.from({ length: 5 }, () => twister.next())).toEqual([
      1067595299, 955945823, 477289528, 4107218783, 4228976476,
    ]);
  });

  it("gives NumPy's and Python's doubles of seed 0", () => {
    expect(new MersenneTwister(0).nextDouble()).toBe(0.5488135039273248);
    const python = new MersenneTwister();
    python.seedByArray([0]);
    expect(python.nextDouble()).toBe(0.8444218515250481);
  });

  it('takes keys longer than its state', () => {
    const key = Array.from({ length: 700 }, (_, i) => i);
    const [one, other] = [new MersenneTwister(), new MersenneTwister()];
    one.seedByArray(key);
    other.seedByArray([...key.slice(0, 699), 5]);
    expect(one.next()).not.toBe(other.next());
  });
});
