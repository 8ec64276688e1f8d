import { coreErrors } from '../errors-table.js';
import { hostArray } from '../host-array.js';
import type { SavedState } from '../json.js';
import { BLOCK, normalBlock32, normalBlock64, normalPair } from './box-muller.js';
import { fma32, fma64 } from './float-math.js';
import { MersenneTwister } from './mersenne-twister.js';
import { type TruncNormalOptions, truncNormalByInversion, truncNormalByRejection } from './trunc-normal.js';

const { fround } = Math;
/** PyTorch's own default seed. */
const DEFAULT_SEED = 67280421310721;
/** Ranges from here on take 64-bit draws. */
const WIDE_RANGE = 2 ** 28;
/** Permutations from this length on take 64-bit draws and another way of shuffling. */
const LONG_PERMUTATION = Math.floor((2 ** 32 - 1) / 20);

/**
 * PyTorch's CPU random stream: MT19937, with every kind of draw taking as many outputs, in the same order and with the same
 * rounding, as PyTorch 2 takes from its generator. Same seed, same weights, same shuffle.
 *
 * Exact for integers, uniforms, masks and float32 normals; float64 normals depend on the JavaScript engine's `log`, `sin` and `cos`.
 */
export class TorchGenerator {
  readonly #twister = new MersenneTwister();
  #cachedNormal: number | undefined;

  /** @throws `ENGINE_CORE_BAD_SEED` when the seed is not a (safe) integer. */
  constructor(seed: number | bigint = DEFAULT_SEED) {
    this.manualSeed(seed);
  }

  /** Starts over; only the low 32 bits matter. @throws `ENGINE_CORE_BAD_SEED` */
  manualSeed(seed: number | bigint): this {
    if (typeof seed === 'number' && !Number.isSafeInteger(seed))
      throw badArgument('a safe integer or a bigint as seed', `seed = ${seed}`);
    this.#twister.seed(Number(BigInt.asUintN(32, BigInt(seed))));
    this.#cachedNormal = undefined;
    return this;
  }

  /** One raw output, an integer in [0, 2^32). */
  u32(): number {
    return this.#twister.next();
  }

  /** Two raw outputs, the first is the high half. */
  u64(): bigint {
    const high = BigInt(this.#twister.next());
    return (high << 32n) | BigInt(this.#twister.next());
  }

  /** An integer in [0, 2^63), as `torch.empty((), dtype=int64).random_()`: what a new data loader iterator takes. */
  randomInt64(): bigint {
    return BigInt.asUintN(63, this.u64());
  }

  /** A permutation of 0..n-1. @throws `ENGINE_CORE_BAD_SEED` from n = 2^31 on. */
  randperm(n: number): Int32Array {
    if (checkCount(n) >= 2 ** 31) throw badArgument('fewer than 2^31 places', `n = ${n}`);
    if (n >= LONG_PERMUTATION) return this.#longPermutation(n);
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const k = i + (this.u32() % (n - i));
      const swapped = order[i] as number;
      order[i] = order[k] as number;
      order[k] = swapped;
    }
    return order;
  }

  /** `n` integers in [low, high). @throws `ENGINE_CORE_BAD_SEED` for an empty range or one beyond safe integers. */
  randint(low: number, high: number, n = 1): number[] {
    const span = high - low;
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || !Number.isSafeInteger(span) || span <= 0) {
      throw badArgument('safe integers low < high', `low = ${low}, high = ${high}`);
    }
    checkCount(n);
    const draw = span >= WIDE_RANGE ? () => Number(this.u64() % BigInt(span)) : () => this.u32() % span;
    return Array.from({ length: n }, () => low + draw());
  }

  /** Float32 uniforms in [low, high), 24 bits each. Fills `target`, or a new array of that many. */
  uniform(target: number | Float32Array, low = 0, high = 1): Float32Array {
    const out = typeof target === 'number' ? new Float32Array(checkCount(target)) : target;
    const low32 = fround(low);
    const scale = fround(fround(high) - low32);
    for (let i = 0; i < out.length; i++) out[i] = fma32((this.u32() & 0xffffff) * 2 ** -24, scale, low32);
    return out;
  }

  /** Float64 uniforms in [low, high), 53 bits each. */
  uniformFloat64(target: number | Float64Array, low = 0, high = 1): Float64Array {
    const out = typeof target === 'number' ? new Float64Array(checkCount(target)) : target;
    for (let i = 0; i < out.length; i++) out[i] = fma64(this.#uniform53(), high - low, low);
    return out;
  }

  /** Ones with probability `p`, else zeros, as `tensor.bernoulli_(p)`; dropout keeps where `bernoulli(n, 1 - p)` is one. */
  bernoulli(n: number, p: number): Uint8Array {
    const out = new Uint8Array(checkCount(n));
    for (let i = 0; i < n; i++) out[i] = this.#uniform53() < p ? 1 : 0;
    return out;
  }

  /** Ones with the probability of each element, as `torch.bernoulli(probabilities)` of either element type. */
  bernoulliOf(probabilities: Float32Array | Float64Array): Uint8Array {
    if (probabilities instanceof Float64Array)
      return Uint8Array.from(probabilities, (p) => (this.#uniform53() < p ? 1 : 0));
    return Uint8Array.from(probabilities, (p) => ((this.u32() & 0xffffff) * 2 ** -24 < p ? 1 : 0));
  }

  /** Float32 normals. From sixteen on they are made in blocks; fewer share a cached value across calls. */
  normal(target: number | Float32Array, mean = 0, std = 1): Float32Array {
    const out = typeof target === 'number' ? new Float32Array(checkCount(target)) : target;
    if (out.length < BLOCK) return this.#fewNormals(out, mean, std);
    this.uniform(out);
    const distribution = { mean, std };
    for (let offset = 0; offset + BLOCK <= out.length; offset += BLOCK) normalBlock32(out, offset, distribution);
    if (out.length % BLOCK !== 0) normalBlock32(this.uniform(out.subarray(-BLOCK)), 0, distribution);
    return out;
  }

  /** Float64 normals. */
  normalFloat64(target: number | Float64Array, mean = 0, std = 1): Float64Array {
    const out = typeof target === 'number' ? new Float64Array(checkCount(target)) : target;
    if (out.length < BLOCK) return this.#fewNormals(out, mean, std);
    this.uniformFloat64(out);
    const distribution = { mean, std };
    for (let offset = 0; offset + BLOCK <= out.length; offset += BLOCK) normalBlock64(out, offset, distribution);
    if (out.length % BLOCK !== 0) normalBlock64(this.uniformFloat64(out.subarray(-BLOCK)), 0, distribution);
    return out;
  }

  /**
   * Float32 normals cut to [a, b], absolute bounds (default ±2): by MMEngine's `trunc_normal_` (`inversion`, one draw an element,
   * the default) or by PyTorch's (`rejection`, as many draws as it takes).
   */
  truncNormal(target: number | Float32Array, options: TruncNormalOptions = {}): Float32Array {
    const out = typeof target === 'number' ? new Float32Array(checkCount(target)) : target;
    const { mean = 0, std = 1, a = -2, b = 2, method = 'inversion' } = options;
    if (!(std > 0 && a < b)) throw badArgument('std > 0 and a < b', `std = ${std}, a = ${a}, b = ${b}`);
    const fill = method === 'inversion' ? truncNormalByInversion : truncNormalByRejection;
    return fill(this, out, { mean, std, a, b });
  }

  /** Everything needed to go on from here, for a checkpoint. */
  state(): SavedState {
    const { words, position } = this.#twister.save();
    return {
      values: { position, cachedNormal: this.#cachedNormal ?? null },
      tensors: new Map([['words', hostArray('int32', [words.length], new Int32Array(words.buffer))]]),
    };
  }

  /** Goes on from a saved state. @throws `ENGINE_CORE_BAD_SEED` when it is not one of this generator. */
  setState(state: SavedState): void {
    const words = state.tensors.get('words');
    const { position, cachedNormal } = state.values;
    if (
      words?.dtype !== 'int32' ||
      words.data.length !== 624 ||
      typeof position !== 'number' ||
      !(position >= 0 && position <= 624)
    ) {
      throw badArgument(
        'what state() of a TorchGenerator gave',
        `words ${words?.dtype} (${words?.shape}), position = ${position}`,
      );
    }
    this.#twister.restore(words.data as Int32Array, position);
    this.#cachedNormal = typeof cachedNormal === 'number' ? cachedNormal : undefined;
  }

  /** Fisher and Yates from the inside out. */
  #longPermutation(n: number): Int32Array {
    const order = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const k = this.#u64Modulo(i + 1);
      order[i] = order[k] as number;
      order[k] = i;
    }
    return order;
  }

  /** A 64-bit draw modulo m < 2^31, sixteen bits at a time so that doubles hold every step. */
  #u64Modulo(m: number): number {
    const [high, low] = [this.u32(), this.u32()];
    const upper = ((high % m) * 65536 + (low >>> 16)) % m;
    return (upper * 65536 + (low & 0xffff)) % m;
  }

  #uniform53(): number {
    const high = this.u32() & 0x1fffff;
    return (high * 2 ** 32 + this.u32()) * 2 ** -53;
  }

  #fewNormals<A extends Float32Array | Float64Array>(out: A, mean: number, std: number): A {
    for (let i = 0; i < out.length; i++) out[i] = fma64(this.#oneNormal(), std, mean);
    return out;
  }

  #oneNormal(): number {
    const cached = this.#cachedNormal;
    this.#cachedNormal = undefined;
    if (cached !== undefined) return cached;
    const angle = this.#uniform53();
    const [value, next] = normalPair(angle, this.#uniform53());
    this.#cachedNormal = next;
    return value;
  }
}

function checkCount(n: number): number {
  if (!Number.isSafeInteger(n) || n < 0) throw badArgument('a number of draws, an integer of at least 0', `n = ${n}`);
  return n;
}

function badArgument(expected: string, received: string): Error {
  return coreErrors.BAD_SEED({ expected, received, action: 'pass integers in range to the generator' });
}
