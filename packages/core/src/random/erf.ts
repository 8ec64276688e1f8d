const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** Error function in double precision: `2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!`, whose terms all have one sign. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
}

/** Inverse error function of a number in (-1, 1), rounded to float32: Winitzki's estimate, then Newton's method in double precision. */
export function erfinv32(value: number): number {
  if (value === 0 || Math.abs(value) >= 1) return Math.sign(value) * (value === 0 ? 0 : Number.POSITIVE_INFINITY);
  const log = Math.log(1 - value * value);
  const t = 2 / (Math.PI * 0.147) + log / 2;
  let x = Math.sign(value) * Math.sqrt(Math.sqrt(t * t - log / 0.147) - t);
  for (let i = 0; i < 4; i++) x -= (erf(x) - value) / (TWO_OVER_SQRT_PI * Math.exp(-x * x));
  return Math.fround(x);
}
