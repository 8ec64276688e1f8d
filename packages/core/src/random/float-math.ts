/**
 * Arithmetic that JavaScript lacks: fused multiply-add in single and double precision, correctly rounded, and the float32
 * logarithm, sine and cosine of the Cephes library in their vectorised, fused form (the numbers PyTorch's CPU kernels give).
 */
const { fround } = Math;
const f64 = new Float64Array(1);
const f64Words = new Uint32Array(f64.buffer);
const f32 = new Float32Array(1);
const f32Bits = new Uint32Array(f32.buffer);

/** `sum` is `exact - error` rounded to nearest; returns `exact` rounded to odd, so that rounding it once more loses nothing. */
function roundToOdd(sum: number, error: number): number {
  if (error === 0) return sum;
  f64[0] = sum;
  const low = f64Words[0] as number; // typed arrays are little-endian wherever JavaScript runs
  if (low & 1) return sum;
  if (error > 0 === sum > 0) {
    f64Words[0] = low | 1;
  } else {
    f64Words[0] = low - 1;
    if (low === 0) f64Words[1] = (f64Words[1] as number) - 1;
  }
  return f64[0] as number;
}

/** The rounding error of `a + b`, where `sum = a + b` (Knuth). */
function sumError(a: number, b: number, sum: number): number {
  const bRounded = sum - a;
  return a - (sum - bRounded) + (b - bRounded);
}

/** `a * b + c` of float32 numbers with one rounding. The product is exact in double precision; only the sum can round twice. */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const error = sumError(product, c, sum);
  return error === 0 ? fround(sum) : fround(roundToOdd(sum, error));
}

/** `a * b + c` in double precision with one rounding (Boldo and Melquiond, 2008), for factors and results far from overflow. */
export function fma64(a: number, b: number, c: number): number {
  const product = a * b;
  if (c === 0) return product;
  const low = productError(a, b, product);
  const tail = c + low;
  const tailError = sumError(c, low, tail);
  const head = product + tail;
  const headError = sumError(product, tail, head);
  const rest = tailError + headError;
  return head + roundToOdd(rest, sumError(tailError, headError, rest));
}

/** The rounding error of `a * b` (Dekker). */
function productError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

function upperHalf(x: number): number {
  const scaled = x * 134217729; // 2^27 + 1
  return scaled - (scaled - x);
}

const LOG_POLYNOMIAL = Float32Array.of(
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
);
const SMALLEST_NORMAL = 2 ** -126;
const SQRT_HALF = fround(Math.SQRT1_2);
const LN2_LOW = fround(-2.1219444e-4);
const LN2_HIGH = fround(0.693359375);

/** Natural logarithm of a positive float32, in float32. */
export function log32(x: number): number {
  f32[0] = Math.max(x, SMALLEST_NORMAL);
  const bits = f32Bits[0] as number;
  f32Bits[0] = (bits & 0x807fffff) | 0x3f000000;
  let mantissa = f32[0] as number;
  let exponent = (bits >>> 23) - 126;
  if (mantissa < SQRT_HALF) {
    exponent -= 1;
    mantissa = fround(fround(mantissa - 1) + mantissa);
  } else {
    mantissa = fround(mantissa - 1);
  }
  const square = fround(mantissa * mantissa);
  let y = LOG_POLYNOMIAL[0] as number;
  for (let i = 1; i < LOG_POLYNOMIAL.length; i++) y = fma32(y, mantissa, LOG_POLYNOMIAL[i] as number);
  y = fma32(fround(y * mantissa), square, fround(exponent * LN2_LOW));
  y = fma32(-square, 0.5, y);
  return fma32(exponent, LN2_HIGH, fround(mantissa + y));
}

const FOUR_OVER_PI = fround(1.27323954473516);
const [PI4_A, PI4_B, PI4_C] = [fround(-0.78515625), fround(-2.4187564849853515625e-4), fround(-3.77489497744594108e-8)];
const [COS_A, COS_B, COS_C] = [
  fround(2.443315711809948e-5),
  fround(-1.388731625493765e-3),
  fround(4.166664568298827e-2),
];
const [SIN_A, SIN_B, SIN_C] = [fround(-1.9515295891e-4), fround(8.3321608736e-3), fround(-1.6666654611e-1)];

/** Sine and cosine of a float32 angle in radians, in float32. */
export function sinCos32(angle: number): { sin: number; cos: number } {
  const magnitude = Math.abs(angle);
  const octant = (Math.trunc(fround(magnitude * FOUR_OVER_PI)) + 1) & ~1;
  const x = fma32(octant, PI4_C, fma32(octant, PI4_B, fma32(octant, PI4_A, magnitude)));
  const z = fround(x * x);
  const cosTail = fround(fma32(fma32(COS_A, z, COS_B), z, COS_C) * z);
  const cosine = fround(fma32(cosTail, z, -fround(z * 0.5)) + 1);
  const sine = fma32(fround(fma32(fma32(SIN_A, z, SIN_B), z, SIN_C) * z), x, x);
  const straight = (octant & 2) === 0;
  const sin = straight ? sine : cosine;
  const cos = straight ? cosine : sine;
  return {
    sin: angle < 0 !== ((octant & 4) !== 0) ? -sin : sin,
    cos: ((octant - 2) & 4) === 0 ? -cos : cos,
  };
}
