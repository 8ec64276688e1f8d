const WORDS = 624;
const SHIFT = 397;

/** MT19937 (Matsumoto and Nishimura, 1998): 32-bit outputs and a state that can be saved. */
export class MersenneTwister {
  readonly #words = new Uint32Array(WORDS);
  #position = WORDS;

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
