import { coreErrors } from '../errors-table.js';
import { normalPair } from './box-muller.js';
import { philox } from './philox.js';

const [INTEGER, TEXT] = [0x6e756d, 0x737472];

/**
 * Random numbers that are a function of a seed, a key and a counter, and of nothing else: neither of what was drawn elsewhere
 * nor of the order of work. `new KeyedRandom(seed, 'dropout', iteration, layer)` gives the same values in every process.
 *
 * Philox 4x32-10; the key is absorbed part by part into its 64-bit key and the upper half of its counter.
 */
export class KeyedRandom {
  readonly #key = new Uint32Array(4);
  readonly #block = new Uint32Array(4);
  #counter = 0;
  #used = 4;

  /**
   * `seed`: a number, or another one, whose key is continued: `new KeyedRandom(new KeyedRandom(seed, 'a'), 1)` draws what
   * `new KeyedRandom(seed, 'a', 1)` does, for less work where many keys begin alike.
   * @throws `ENGINE_CORE_BAD_SEED` when the seed or a number of the key is not a safe integer.
   */
  constructor(seed: number | KeyedRandom, ...key: readonly (number | string)[]) {
    if (typeof seed === 'number') this.#absorb(seed);
    else for (let i = 0; i < 4; i++) this.#key[i] = seed.#key[i] as number;
    for (const part of key) this.#absorb(part);
  }

  /** The generator whose `words` these are, at its first number. */
  static ofWords(words: Uint32Array): KeyedRandom {
    const random = new KeyedRandom(0);
    random.#key.set(words);
    return random;
  }

  /** What seed and key became: the two words of Philox' key, then the upper two of its counter. All numbers are a function of them. */
  get words(): Uint32Array {
    return this.#key.slice();
  }

  /** An integer in [0, 2^32). */
  nextU32(): number {
    if (this.#used === 4) this.#refill();
    return this.#block[this.#used++] as number;
  }

  /** A double in [0, 1) with 53 random bits. */
  nextFloat(): number {
    const high = this.nextU32() >>> 5;
    return (high * 2 ** 26 + (this.nextU32() >>> 6)) * 2 ** -53;
  }

  /** An integer in [0, n), without bias. @throws `ENGINE_CORE_BAD_SEED` unless n is an integer in [1, 2^32]. */
  nextInt(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw badInteger(`n = ${n}`, 'an integer in [1, 2^32]');
    const limit = 2 ** 32 - (2 ** 32 % n);
    let draw = this.nextU32();
    while (draw >= limit) draw = this.nextU32();
    return draw % n;
  }

  /** A standard normal. */
  nextNormal(): number {
    const angle = this.nextFloat();
    return normalPair(angle, this.nextFloat())[0];
  }

  /** Fills `out` with floats in [0, 1) of 24 random bits each. */
  fillUniform(out: Float32Array): Float32Array {
    for (let i = 0; i < out.length; i++) out[i] = (this.nextU32() >>> 8) * 2 ** -24;
    return out;
  }

  /** Fills `out` with `value` where a draw succeeds (probability `p`), else 0; with `value` 1/p that is a dropout mask. */
  fillBernoulli(out: Float32Array, p: number, value = 1): Float32Array {
    const threshold = p * 2 ** 32;
    for (let i = 0; i < out.length; i++) out[i] = this.nextU32() < threshold ? value : 0;
    return out;
  }

  #refill(): void {
    const key = this.#key;
    this.#block[0] = this.#counter;
    this.#block[1] = Math.floor(this.#counter / 2 ** 32);
    this.#block[2] = key[2] as number;
    this.#block[3] = key[3] as number;
    philox(this.#block, key[0] as number, key[1] as number);
    this.#counter += 1;
    this.#used = 0;
  }

  #absorb(part: number | string): void {
    if (typeof part === 'number') {
      if (!Number.isSafeInteger(part)) throw badInteger(`key part = ${part}`, 'safe integers and strings');
      this.#mix(part, Math.floor(part / 2 ** 32), INTEGER);
      return;
    }
    this.#mix(part.length, 0, TEXT);
    for (let i = 0; i < part.length; i += 2)
      this.#mix(part.charCodeAt(i), i + 1 < part.length ? part.charCodeAt(i + 1) : 0, TEXT);
  }

  #mix(low: number, high: number, kind: number): void {
    const key = this.#key;
    const block = this.#block;
    block[0] = low;
    block[1] = high;
    block[2] = (key[2] as number) ^ kind;
    block[3] = key[3] as number;
    philox(block, key[0] as number, key[1] as number);
    for (let i = 0; i < 4; i++) key[i] = block[i] as number; // faster than set() on four numbers
  }
}

function badInteger(received: string, expected: string): Error {
  return coreErrors.BAD_SEED({ expected, received, action: 'pass integers in range' });
}
