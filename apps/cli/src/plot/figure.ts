/** A line chart before it is drawn: what is shown, and the scales that all drawings share. */

export interface Line {
  readonly label: string;
  /** One value a unit of x, from 0 on; in force until the next. */
  readonly values: Float64Array;
}

export interface Figure {
  readonly title: string;
  readonly subtitle: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  /** Iterations an epoch. */
  readonly epochLength: number;
}

export interface Ticks {
  readonly values: readonly number[];
  readonly min: number;
  readonly max: number;
}

/** Round numbers that cover [low, high] in about `count` steps. */
export function niceTicks(low: number, high: number, count: number): Ticks {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const span = high - low > 1e-9 * size ? high - low : size || 1; // what differs by less is rounding
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) as number) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(Math.ceil(high / step - 1e-9), first + 1);
  const values = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { values, min: values[0] as number, max: values.at(-1) as number };
}

/** Every n-th epoch, so that at most `count` are marked. */
export function epochTicks(epochs: number, count: number): readonly number[] {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000].find((n) => epochs / n <= count) ?? epochs;
  return Array.from({ length: Math.floor(epochs / step) + 1 }, (_, i) => i * step);
}

/** From zero where the smallest value is near it. */
export function valueTicks({ lines }: Figure, count: number): Ticks {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of lines) {
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return niceTicks(low >= 0 && low < 0.4 * high ? 0 : low, high, count);
}

export interface Stretch {
  readonly from: number;
  readonly first: number;
  readonly low: number;
  readonly high: number;
  readonly last: number;
}

/** What is seen of the values in each of at most `columns` stretches of the same length. */
export function stretches(values: Float64Array, columns: number): Stretch[] {
  const width = Math.max(1, values.length / columns);
  const found: Stretch[] = [];
  for (let from = 0; Math.floor(from) < values.length; from += width) {
    const part = values.subarray(Math.floor(from), Math.max(Math.floor(from) + 1, Math.floor(from + width)));
    found.push({
      from: Math.floor(from),
      first: part[0] as number,
      low: Math.min(...part),
      high: Math.max(...part),
      last: part.at(-1) as number,
    });
  }
  return found;
}

/** Few digits, and exponents only where they save some. */
export function formatValue(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e5) return String(Number(value.toPrecision(4)));
  return Number(value.toPrecision(3)).toExponential().replace('e+', 'e');
}
