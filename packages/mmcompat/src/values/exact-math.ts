/**
 * Powers, exponentials and logarithms, rounded correctly: C libraries are within half a unit of the last place and a little, engines of
 * JavaScript are not, and a config is to hold the very float that Python computes.
 */
import { decompose } from './decimal.js';

/** Bits after the binary point. */
const BITS = 220n;
const ONE = 1n << BITS;

/** Towards zero, so that the terms of a series end up there. */
function times(left: bigint, right: bigint): bigint {
  return (left * right) / ONE;
}

/** The fixed-point number nearest to a finite float of moderate size. */
function fixedPoint(value: number): bigint {
  const { mantissa, exponent } = decompose(value);
  const shift = BITS + BigInt(exponent);
  return shift >= 0n ? mantissa << shift : mantissa >> -shift;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex[0] ?? '0', 16)));
}

/** The float nearest to `value * 2 ** exponent`, for a positive value. */
function nearestFloat(value: bigint, exponent: number): number {
  if (value === 0n) return 0;
  const length = bitLength(value);
  const excess = Math.max(length - 53, -1074 - exponent);
  if (excess <= 0) return Number(value) * 2 ** exponent;
  const quotient = value >> BigInt(excess);
  const rest = value - (quotient << BigInt(excess));
  const half = 1n << BigInt(excess - 1);
  const rounded = rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
  const power = exponent + excess;
  return power > 971
    ? Number.POSITIVE_INFINITY
    : power < -1022
      ? Number(rounded) * 2 ** (power + 60) * 2 ** -60
      : Number(rounded) * 2 ** power;
}

/** 2 * atanh(x) for a small fixed-point x. */
function twiceAtanh(x: bigint): bigint {
  const square = times(x, x);
  let [sum, term] = [0n, x];
  for (let index = 1n; term !== 0n; index += 2n) {
    sum += term / index;
    term = times(term, square);
  }
  return 2n * sum;
}

const LN2 = twiceAtanh(ONE / 3n);

/** Natural logarithm of a positive float, in fixed point. */
function lnFixed(value: number): bigint {
  const { mantissa, exponent } = decompose(value);
  const length = bitLength(mantissa);
  let [x, power] = [mantissa << (BITS - BigInt(length)), exponent + length]; // x in [1/2, 1)
  if (x * 10n < ONE * 7n) [x, power] = [x * 2n, power - 1];
  return twiceAtanh(((x - ONE) << BITS) / (x + ONE)) + BigInt(power) * LN2;
}

/** The float nearest to e ** x, x in fixed point. */
function expFixed(x: bigint): number {
  let power = x / LN2;
  let rest = x - power * LN2;
  if (rest < 0n) [power, rest] = [power - 1n, rest + LN2];
  let [sum, term] = [ONE, ONE];
  for (let index = 1n; term !== 0n; index++) {
    term = times(term, rest) / index;
    sum += term;
  }
  if (power > 2000n) return Number.POSITIVE_INFINITY;
  return power < -2000n ? 0 : nearestFloat(sum, Number(power - BITS));
}

export function exactExp(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) > 800) return Math.exp(value);
  return value === 0 ? 1 : expFixed(fixedPoint(value));
}

/** Natural logarithm of a positive finite float, over that of `base`. */
export function exactLog(value: number, base?: number): number {
  const ln = lnFixed(value);
  return fromFixed(base === undefined ? ln : (ln << BITS) / lnFixed(base));
}

function fromFixed(value: bigint): number {
  return value < 0n ? -nearestFloat(-value, -Number(BITS)) : nearestFloat(value, -Number(BITS));
}

/** `base ** exponent` of floats, where both and the result are ordinary numbers; JavaScript's own answer for the rest. */
export function exactPow(base: number, exponent: number): number {
  const rough = base ** exponent;
  if (!Number.isFinite(rough) || rough === 0 || base === 0 || exponent === 0 || base === 1) return rough;
  if (exponent === 1) return base;
  const magnitude = expFixed((lnFixed(Math.abs(base)) * fixedPoint(exponent)) >> BITS);
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 1024)
    return sign(base, exponent) * exactIntegerPow(Math.abs(base), exponent, magnitude);
  return sign(base, exponent) * magnitude;
}

function sign(base: number, exponent: number): number {
  return base < 0 && exponent % 2 !== 0 ? -1 : 1;
}

/** Exact where the power is a float itself: the series above could fall to either side of it. */
function exactIntegerPow(base: number, exponent: number, otherwise: number): number {
  if (exponent < 0) return otherwise;
  const { mantissa, exponent: scale } = decompose(base);
  return nearestFloat(mantissa ** BigInt(exponent), scale * exponent);
}
