/** Vector algebra in float64 on the host. */

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** `a + scale * b`. */
export function plus(a: Float64Array, b: Float64Array, scale: number): Float64Array {
  return a.map((value, i) => value + scale * (b[i] as number));
}

export function scaled(a: Float64Array, scale: number): Float64Array {
  return a.map((value) => value * scale);
}

/** Largest magnitude; NaN where there is one. */
export function largest(a: Float64Array): number {
  let most = 0;
  for (const value of a) if (!(Math.abs(value) <= most)) most = Math.abs(value);
  return most;
}
