const WORDS = 624;
const SHIFT = 397;

/**
 * MT19937 (Matsumoto and Nishimura, 1998): 32-bit outputs and a state that can be saved. Seeded by `seed` it is the stream of
 * PyTorch and of NumPy's `RandomState(seed)`; by `seedByArray([seed])` that of Python's `random.seed(seed)`.
 */
export class MersenneTwister {
  readonly #words = new Uint32Array(WORDS);
  #position = WORDS;

  /** Starts from 0 until seeded otherwise. */
  constructor(low32 = 0) {
    this.seed(low32);
  }

  /** Knuth's initialisation from the low 32 bits of a seed. */
  seed(low32: number): void {
    const words = this.#words;
    let word = low32 >>> 0;
    words[0] = word;
    for (let i = 1; i < WORDS; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) >>> 0;
      words[i] = word;
    }
    this.#position = WORDS;
  }

  /** Initialisation from any number of 32-bit words, least significant first. */
  seedByArray(key: readonly number[]): void {
    this.seed(19650218);
    const words = this.#words;
    const mixed = (i: number, factor: number): number => {
      const before = words[i - 1] as number;
      return (words[i] as number) ^ Math.imul(before ^ (before >>> 30), factor);
    };
    let i = 1;
    const advance = (): void => {
      i += 1;
      if (i < WORDS) return;
      words[0] = words[WORDS - 1] as number;
      i = 1;
    };
    for (let k = 0; k < Math.max(WORDS, key.length); k++) {
      const j = k % key.length;
      words[i] = mixed(i, 1664525) + (key[j] as number) + j;
      advance();
    }
    for (let k = 1; k < WORDS; k++) {
      words[i] = mixed(i, 1566083941) - i;
      advance();
    }
    words[0] = 0x80000000;
    this.#position = WORDS;
  }

  /** A double in [0, 1) of 53 bits from two outputs, as NumPy's `random_sample` and Python's `random` make it. */
  nextDouble(): number {
    const high = this.next() >>> 5;
    return (high * 2 ** 26 + (this.next() >>> 6)) * 2 ** -53;
  }

  /** The next output, an integer in [0, 2^32). */
  next(): number {
    if (this.#position === WORDS) this.#twist();
    let y = this.#words[this.#position++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** A copy of the 624 words, and how many of them are used up. */
  save(): { words: Uint32Array; position: number } {
    return { words: this.#words.slice(), position: this.#position };
  }

  restore(words: ArrayLike<number>, position: number): void {
    this.#words.set(words);
    this.#position = position;
  }

  #twist(): void {
    const words = this.#words;
    for (let i = 0; i < WORDS; i++) {
      const y = ((words[i] as number) & 0x80000000) | ((words[(i + 1) % WORDS] as number) & 0x7fffffff);
      words[i] = (words[(i + SHIFT) % WORDS] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#position = 0;
  }
}
