/** Floats in decimal, exactly: what `repr`, `round` and the format codes of Python need. */

/** A finite float as `mantissa * 2 ** exponent`. */
export function decompose(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return {
    mantissa: value < 0 || Object.is(value, -0) ? -mantissa : mantissa,
    exponent: (biased === 0 ? 1 : biased) - 1075,
  };
}

/** `numerator / denominator` to the nearest integer, halves to the even one. */
export function divideToEven(numerator: bigint, denominator: bigint): bigint {
  const isNegative = numerator < 0n;
  const magnitude = isNegative ? -numerator : numerator;
  const quotient = magnitude / denominator;
  const twice = 2n * (magnitude % denominator);
  const rounded = twice > denominator || (twice === denominator && quotient % 2n === 1n) ? quotient + 1n : quotient;
  return isNegative ? -rounded : rounded;
}

/** `value * 10 ** digits` to the nearest integer, halves to the even one. */
export function scaled(value: number, digits: number): bigint {
  const { mantissa, exponent } = decompose(value);
  let [numerator, denominator] = [mantissa, 1n];
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  if (digits >= 0) numerator *= 10n ** BigInt(digits);
  else denominator *= 10n ** BigInt(-digits);
  return divideToEven(numerator, denominator);
}

/** `%.{digits}f` of a finite, non-negative float. */
export function fixed(value: number, digits: number): string {
  const text = String(scaled(value, digits)).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Significant digits and the power of ten of the first one, for a finite, non-negative float. */
export interface Scientific {
  readonly digits: string;
  readonly exponent: number;
}

export function scientific(value: number, digits: number): Scientific {
  if (value === 0) return { digits: '0'.repeat(digits), exponent: 0 };
  let exponent = Number(value.toExponential().split('e')[1]);
  let text = String(scaled(value, digits - 1 - exponent));
  if (text.length > digits) {
    exponent += 1;
    text = text.slice(0, digits);
  }
  return { digits: text, exponent };
}

/** The shortest text that reads as the same float: `1.0`, `1e-05`, `1e+16`, `inf`. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if ((magnitude >= 1e-4 && magnitude < 1e16) || magnitude === 0) {
    const text = String(magnitude);
    return text.includes('.') ? sign + text : `${sign}${text}.0`;
  }
  const [digits = '', exponent = ''] = magnitude.toExponential().split('e');
  return `${sign}${digits}e${exponentText(Number(exponent))}`;
}

/** At least two digits, with a sign. */
export function exponentText(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Python's `round(value, digits)` of a float. */
export function roundFloat(value: number, digits: number): number {
  if (!Number.isFinite(value) || value === 0 || digits > 323) return value;
  if (digits < -308) return value < 0 ? -0 : 0;
  const text = String(scaled(value, digits));
  const rounded = Number(`${text}e${-digits}`);
  return rounded === 0 && value < 0 ? -0 : rounded;
}
