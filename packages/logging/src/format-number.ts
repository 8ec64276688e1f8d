/** Numbers as Python's format strings print them, so that log lines read the same in both worlds: ties go to the even digit. */

/** `x` with `digits` decimals (`0.5000`); `nan`, `inf` and `-inf` for what is not finite. */
export function formatFixed(x: number, digits: number): string {
  if (!Number.isFinite(x)) return formatNonFinite(x);
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  const size = Math.abs(x);
  if (size >= 1e21) return `${sign}${BigInt(size)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
  return sign + (tieToEven(size.toFixed(Math.min(100, digits + GUARD)), digits) ?? size.toFixed(digits));
}

/** `x` in scientific notation with `digits` decimals and at least two digits of exponent (`1.0000e-02`). */
export function formatExponent(x: number, digits: number): string {
  if (!Number.isFinite(x)) return formatNonFinite(x);
  const sign = x < 0 || Object.is(x, -0) ? '-' : '';
  const size = Math.abs(x);
  const exact = splitExponent(size.toExponential(Math.min(100, digits + GUARD)));
  const tied = tieToEven(exact.mantissa, digits);
  const { mantissa, exponent } =
    tied === undefined ? splitExponent(size.toExponential(digits)) : { ...exact, mantissa: tied };
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** A time span as `H:MM:SS`, with days in words (`1 day, 1:01:01`); seconds are rounded down. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86_400);
  const pad = (part: number): string => String(part).padStart(2, '0');
  const clock = `${Math.floor((whole % 86_400) / 3600)}:${pad(Math.floor((whole % 3600) / 60))}:${pad(whole % 60)}`;
  return days === 0 ? clock : `${days} ${days === 1 ? 'day' : 'days'}, ${clock}`;
}

/** More decimals than a double can have behind a tie, so that the printed digits decide exactly. */
const GUARD = 25;

/** The lower of two equally near results where its last digit is even; undefined where JavaScript's own rounding is right. */
function tieToEven(longForm: string, digits: number): string | undefined {
  const cut = longForm.indexOf('.') + 1 + digits;
  if (!/^50*$/.test(longForm.slice(cut))) return undefined;
  const lower = digits === 0 ? longForm.slice(0, cut - 1) : longForm.slice(0, cut);
  return Number(lower.at(-1)) % 2 === 0 ? lower : undefined;
}

function splitExponent(text: string): { mantissa: string; exponent: number } {
  const [mantissa = '', exponent = '0'] = text.split('e');
  return { mantissa, exponent: Number(exponent) };
}

function formatNonFinite(x: number): string {
  return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
}
