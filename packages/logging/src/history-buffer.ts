import type { JsonObject } from '@engine/core';
import type { ScalarHistory, StatisticFn, StatisticName } from './contract.js';
import { decodeDoubles, encodeDoubles } from './doubles.js';
import { loggingErrors } from './errors.js';

/** MMEngine's limit of the history that one scalar keeps. */
export const DEFAULT_MAX_LENGTH = 1_000_000;

export interface HistoryBufferOptions {
  /** Default 1,000,000. */
  readonly maxLength?: number;
  /** Begins with these; the last `maxLength` of them stay. */
  readonly values?: readonly number[];
  /** Items that each of `values` stands for. Default 1. */
  readonly counts?: readonly number[];
}

/** The history of one scalar: values (doubles) with the number of items each stands for. The oldest fall out beyond `maxLength`. */
export class HistoryBuffer implements ScalarHistory {
  readonly maxLength: number;
  #values = new Float64Array(16);
  #counts = new Float64Array(16);
  #start = 0;
  #end = 0;
  #integer: boolean | undefined;

  /** @throws `ENGINE_LOGGING_BAD_OPTION` when `maxLength` is not a positive integer, `ENGINE_LOGGING_BAD_SCALAR` for what it begins with. */
  constructor(options: HistoryBufferOptions = {}) {
    this.maxLength = options.maxLength ?? DEFAULT_MAX_LENGTH;
    if (!Number.isSafeInteger(this.maxLength) || this.maxLength < 1) {
      throw loggingErrors.BAD_OPTION({
        expected: 'a positive integer',
        received: `maxLength = ${this.maxLength}`,
        action: `leave maxLength out for ${DEFAULT_MAX_LENGTH}`,
      });
    }
    const { values = [], counts = values.map(() => 1) } = options;
    if (counts.length !== values.length) {
      throw loggingErrors.BAD_SCALAR({
        subject: 'counts',
        expected: `${values.length}, one for each value`,
        received: `${counts.length} counts`,
        action: 'leave counts out where every value stands for one item',
      });
    }
    for (const [i, value] of values.entries()) this.update(value, counts[i]);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** True while every value was an integer; decides whether a log line shows `11` or `11.0000`. */
  get isInteger(): boolean {
    return this.#integer === true;
  }

  /**
   * Appends a value. `integer` says whether it came from an integer source; default: whether the number is whole.
   * @throws `ENGINE_LOGGING_BAD_SCALAR`
   */
  update(value: number, count = 1, integer: boolean = Number.isInteger(value)): void {
    if (typeof value !== 'number' || !Number.isInteger(count) || count < 1) {
      throw loggingErrors.BAD_SCALAR({
        expected: 'a number and a positive integer count',
        received: `value = ${String(value)}, count = ${String(count)}`,
        action: 'reduce arrays and tensors to one number first',
      });
    }
    if (this.#end === this.#values.length) this.#makeRoom();
    this.#values[this.#end] = value;
    this.#counts[this.#end] = count;
    this.#end += 1;
    if (this.length > this.maxLength) this.#start += 1;
    this.#integer = integer && this.#integer !== false;
  }

  /** Sum of the values over the sum of their counts: MMEngine's mean, which is not weighted by count. NaN when empty. */
  mean(window?: number): number {
    const { values, counts } = this.#last(window);
    return sum(values) / sum(counts);
  }

  /** @throws `ENGINE_LOGGING_EMPTY_HISTORY` */
  max(window?: number): number {
    return this.#last(window, 'max').values.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a));
  }

  /** @throws `ENGINE_LOGGING_EMPTY_HISTORY` */
  min(window?: number): number {
    return this.#last(window, 'min').values.reduce((a, b) => (b < a || Number.isNaN(b) ? b : a));
  }

  /** The latest value. @throws `ENGINE_LOGGING_EMPTY_HISTORY` */
  current(): number {
    return this.#last(1, 'current').values[0] as number;
  }

  /** A statistic by name, or one of your own over the last `window` values (default all). @throws `ENGINE_LOGGING_UNKNOWN_STATISTIC` */
  statistics(method: StatisticName | StatisticFn, window?: number): number {
    if (typeof method === 'function') {
      const { values, counts } = this.#last(window);
      return method(values, counts);
    }
    if (method === 'current') return this.current();
    if (method === 'mean' || method === 'max' || method === 'min') return this[method](window);
    throw loggingErrors.UNKNOWN_STATISTIC({
      expected: 'one of mean, max, min, current, or a function',
      received: String(method),
      action: 'rename it, or pass a function (values, counts) => number',
    });
  }

  /** Copies of the values and their counts. */
  get data(): { readonly values: Float64Array; readonly counts: Float64Array } {
    return { values: this.#values.slice(this.#start, this.#end), counts: this.#counts.slice(this.#start, this.#end) };
  }

  /** Everything, in JSON, every double bit for bit. */
  stateDict(): JsonObject {
    const { values, counts } = this.data;
    const first = counts[0] ?? 1;
    return {
      values: encodeDoubles(values),
      counts: counts.every((count) => count === first) ? first : encodeDoubles(counts),
      maxLength: this.maxLength,
      integer: this.#integer ?? null,
    };
  }

  /** @throws `ENGINE_LOGGING_BAD_STATE` */
  static fromStateDict(state: unknown, key = 'history'): HistoryBuffer {
    const { values, counts, maxLength, integer } = (
      typeof state === 'object' && state !== null ? state : {}
    ) as JsonObject;
    const numbers = decodeDoubles(values);
    const sizes = typeof counts === 'number' ? numbers?.map(() => counts) : decodeDoubles(counts);
    if (numbers === undefined || sizes?.length !== numbers.length || typeof maxLength !== 'number') {
      throw loggingErrors.BAD_STATE({
        subject: key,
        expected: 'values and counts of one length, and maxLength',
        received: JSON.stringify(state)?.slice(0, 80) ?? 'undefined',
        action: 'load a message hub that this engine saved',
      });
    }
    const buffer = new HistoryBuffer({ maxLength });
    for (const [i, value] of numbers.entries()) buffer.update(value, sizes[i]);
    buffer.#integer = typeof integer === 'boolean' ? integer : undefined;
    return buffer;
  }

  #last(window: number | undefined, needsValue?: StatisticName): { values: Float64Array; counts: Float64Array } {
    if (window !== undefined && (!Number.isInteger(window) || window < 1)) {
      throw loggingErrors.BAD_WINDOW({
        expected: 'a positive integer',
        received: `window = ${window}`,
        action: 'leave it out for the whole history',
      });
    }
    if (needsValue !== undefined && this.length === 0) {
      throw loggingErrors.EMPTY_HISTORY({
        expected: `at least one value for ${needsValue}`,
        received: 'an empty history',
        action: "update it first, or await the message hub's flush()",
      });
    }
    const from = window === undefined ? this.#start : Math.max(this.#start, this.#end - window);
    return { values: this.#values.subarray(from, this.#end), counts: this.#counts.subarray(from, this.#end) };
  }

  /** Moves the live part to the front of arrays of twice its size (never more than twice `maxLength`). */
  #makeRoom(): void {
    const { values, counts } = this.data;
    const capacity = Math.max(16, Math.min(2 * values.length, this.maxLength + values.length));
    this.#values = new Float64Array(capacity);
    this.#counts = new Float64Array(capacity);
    this.#values.set(values);
    this.#counts.set(counts);
    this.#start = 0;
    this.#end = values.length;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
