import type { ReplayResult } from '../harness/area.js';

const TOLERANCE = 1e-6;

/** Compares nested values in one case: numbers within the tolerance, everything else, orders of keys too, exactly. */
export class Comparison {
  readonly #id: string;
  #fault: string | undefined;
  #maxError = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** `scale` is what errors of numbers are relative to; default the number expected. Whole numbers are exact. */
  check(path: string, got: unknown, want: unknown, scale?: number): void {
    if (typeof want === 'number' && typeof got === 'number') {
      this.#checkNumber(path, [got, want], scale);
    } else if (isObject(want) && isObject(got)) {
      const [names, wanted] = [Object.keys(got), Object.keys(want)];
      if (names.join() !== wanted.join())
        this.#report(path, Array.isArray(got) ? got : names, Array.isArray(want) ? want : wanted);
      for (const key of wanted) this.check(`${path}.${key}`, got[key], want[key], scale);
    } else if (got !== want) {
      this.#report(path, got, want);
    }
  }

  result(remark?: string): ReplayResult {
    const [ok, error] = [this.#fault === undefined, this.#fault];
    return {
      id: this.#id,
      ok,
      maxError: this.#maxError,
      ...(error !== undefined && { error }),
      ...(remark !== undefined && { remark }),
    };
  }

  #checkNumber(path: string, [got, want]: readonly [number, number], scale = Math.abs(want)): void {
    if (Object.is(got, want)) return;
    const error = Math.abs(got - want) / scale;
    if (Number.isFinite(error)) this.#maxError = Math.max(this.#maxError, error);
    if (Number.isInteger(want) || !(error <= TOLERANCE)) this.#report(path, got, want);
  }

  #report(path: string, got: unknown, want: unknown): void {
    this.#fault ??= `${path}: expected ${shown(want)}, got ${shown(got)}`;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
