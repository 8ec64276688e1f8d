import { decode, type GoldenTensor, relativeError } from '../harness/tensors.js';

export const TOLERANCE = 1e-5;

/** Collects what one case compares. */
export class Comparison {
  maxError = 0;
  /** The first tensor that is too far off, and by how much. */
  fault: string | undefined;

  /** `scale` is what errors are relative to; default the largest magnitude expected. */
  tensor(name: string, actual: ArrayLike<number>, expected: GoldenTensor, scale?: number): void {
    const values = decode(expected).data;
    const error = relativeError(actual, values instanceof BigInt64Array ? Array.from(values, Number) : values, scale);
    this.maxError = Math.max(this.maxError, error);
    if (!(error <= TOLERANCE)) this.#fail(`${name} is off by ${error.toPrecision(3)}`);
  }

  exact(name: string, actual: unknown, expected: unknown): void {
    const [ours, theirs] = [JSON.stringify(actual ?? null), JSON.stringify(expected ?? null)];
    if (ours !== theirs) this.#fail(`${name}: expected ${theirs}, got ${ours}`);
  }

  #fail(what: string): void {
    this.fault ??= what;
  }
}
