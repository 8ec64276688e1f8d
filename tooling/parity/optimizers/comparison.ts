/** Compares what a case gives with what it should; keeps the largest error and the first fault. */
export class Comparison {
  readonly #tolerance: number;
  readonly #smallest: number;
  fault: string | undefined;
  maxError = 0;

  /** Differences count relative to `|expected| + smallest`. */
  constructor(tolerance: number, smallest: number) {
    this.#tolerance = tolerance;
    this.#smallest = smallest;
  }

  numbers(path: string, got: ArrayLike<number> | undefined, want: ArrayLike<number>): void {
    if (got?.length !== want.length) {
      this.fail(path, `${want.length} numbers`, `${got?.length ?? 'nothing'}`);
      return;
    }
    for (let i = 0; i < want.length; i++) this.#number(`${path}[${i}]`, got[i] as number, want[i] as number);
  }

  /** The same value, structure and all. */
  exact(path: string, got: unknown, want: unknown): void {
    if (!isSame(got, want)) this.fail(path, JSON.stringify(want), JSON.stringify(got) ?? 'nothing');
  }

  fail(path: string, want: string, got: string): void {
    this.fault ??= `${path}: expected ${want}, got ${got}`;
  }

  #number(path: string, got: number, want: number): void {
    if (Object.is(got, want)) return;
    const error = Math.abs(got - want) / (Math.abs(want) + this.#smallest);
    this.maxError = Math.max(this.maxError, Number.isNaN(got - want) ? Number.POSITIVE_INFINITY : error);
    if (!(error <= this.#tolerance) || Number.isNaN(got - want))
      this.fail(path, `${want} within ${this.#tolerance.toExponential(1)}`, String(got));
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => key in a && key in b && isSame((a as Fields)[key], (b as Fields)[key]));
}

type Fields = Readonly<Record<string, unknown>>;
