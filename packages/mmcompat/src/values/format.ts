/** Python's format specifications: `f'{x:>8.2f}'`, `'{:03d}'.format(7)`, `'%5.1f' % x`. */
import { exponentText, fixed, floatRepr, scientific } from './decimal.js';
import { typeError, valueError } from './exception.js';
import { integerText, str } from './repr.js';
import { asInteger, type PyValue, typeName } from './value.js';

interface Spec {
  readonly fill: string;
  readonly align: string | undefined;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?(.)?$/su;
const WIDEST = 1_000_000;

/** `format(value, spec)` @throws ValueError, TypeError (Python's) */
export function format(value: PyValue, specification: string): string {
  if (specification === '') return str(value);
  const spec = parseSpec(specification, value);
  if (typeof value === 'string') return formatString(value, spec);
  if (typeof value === 'number') return formatFloat(value, spec);
  const integer = asInteger(value);
  if (integer !== undefined) return formatInteger(integer, spec);
  throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
}

function parseSpec(text: string, value: PyValue): Spec {
  const match = SPEC.exec(text);
  if (match === null) throw valueError(`Invalid format specifier '${text}' for object of type '${typeName(value)}'`);
  const [, fill, align, sign = '-', , alternate, zero, width = '0', grouping = '', precision, type = ''] = match;
  if (Number(width) > WIDEST || Number(precision ?? 0) > WIDEST)
    throw valueError('Too many decimal digits in format string');
  return {
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    align: align ?? (zero !== undefined && typeof value !== 'string' ? '=' : undefined),
    sign,
    alternate: alternate !== undefined,
    width: Number(width),
    grouping,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
}

function pad(sign: string, body: string, spec: Spec, align: string): string {
  const missing = spec.width - Array.from(sign + body).length;
  if (missing <= 0) return sign + body;
  const before = align === '>' || align === '=' ? missing : align === '^' ? Math.floor(missing / 2) : 0;
  const [left, right] = [spec.fill.repeat(before), spec.fill.repeat(missing - before)];
  return align === '=' ? sign + left + body : left + sign + body + right;
}

function formatString(value: string, spec: Spec): string {
  if (spec.type !== '' && spec.type !== 's') throw unknownCode(spec.type, 'str');
  const text = spec.precision === undefined ? value : Array.from(value).slice(0, spec.precision).join('');
  return pad('', text, spec, spec.align ?? '<');
}

const RADIX: Readonly<Record<string, readonly [number, string]>> = {
  b: [2, '0b'],
  o: [8, '0o'],
  x: [16, '0x'],
  X: [16, '0X'],
};

function formatInteger(value: bigint, spec: Spec): string {
  if (/^[eEfFgG%]$/.test(spec.type)) return formatFloat(Number(value), spec);
  if (spec.precision !== undefined) throw valueError('Precision not allowed in integer format specifier');
  if (spec.type === 'c') return pad('', String.fromCodePoint(Number(value)), spec, spec.align ?? '<');
  const magnitude = value < 0n ? -value : value;
  const radix = RADIX[spec.type];
  if (radix === undefined && spec.type !== '' && spec.type !== 'd' && spec.type !== 'n')
    throw unknownCode(spec.type, 'int');
  const digits = radix === undefined ? integerText(magnitude) : magnitude.toString(radix[0]);
  const prefix = radix !== undefined && spec.alternate ? radix[1] : '';
  const body = group(spec.type === 'X' ? digits.toUpperCase() : digits, spec, radix === undefined ? 3 : 4);
  return pad(signText(value < 0n, spec) + prefix, body, spec, spec.align ?? '>');
}

function formatFloat(value: number, spec: Spec): string {
  const isNegative = value < 0 || Object.is(value, -0);
  return pad(signText(isNegative, spec), group(floatBody(Math.abs(value), spec), spec, 3), spec, spec.align ?? '>');
}

function floatBody(magnitude: number, spec: Spec): string {
  const { type, precision = 6 } = spec;
  if (!Number.isFinite(magnitude)) {
    const text = Number.isNaN(magnitude) ? 'nan' : 'inf';
    return (/[EFG]/.test(type) ? text.toUpperCase() : text) + (type === '%' ? '%' : '');
  }
  switch (type) {
    case 'f':
    case 'F':
      return fixed(magnitude, precision);
    case '%':
      return `${fixed(magnitude * 100, precision)}%`;
    case 'e':
    case 'E':
      return withCase(exponential(scientific(magnitude, precision + 1)), type);
    case 'g':
    case 'G':
    case 'n':
      return withCase(general(magnitude, Math.max(1, precision), spec), type);
    case '':
      return spec.precision === undefined ? floatRepr(magnitude) : general(magnitude, Math.max(1, precision), spec);
    default:
      throw unknownCode(type, 'float');
  }
}

function withCase(text: string, type: string): string {
  return type === type.toUpperCase() && type !== type.toLowerCase() ? text.toUpperCase() : text;
}

function exponential({ digits, exponent }: { readonly digits: string; readonly exponent: number }): string {
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${mantissa}e${exponentText(exponent)}`;
}

function general(magnitude: number, precision: number, { type, alternate }: Spec): string {
  const { digits, exponent } = scientific(magnitude, precision);
  const shown = alternate ? digits : digits.replace(/0+$/, '') || '0';
  const limit = type === '' ? precision - 1 : precision;
  if (exponent < -4 || exponent >= Math.max(limit, 1)) return exponential({ digits: shown, exponent });
  const text =
    exponent < 0
      ? `0.${'0'.repeat(-exponent - 1)}${shown}`
      : shown.length > exponent + 1
        ? `${shown.slice(0, exponent + 1)}.${shown.slice(exponent + 1)}`
        : shown.padEnd(exponent + 1, '0');
  return type === '' && !text.includes('.') ? `${text}.0` : text;
}

function signText(isNegative: boolean, { sign }: Spec): string {
  if (isNegative) return '-';
  return sign === '-' ? '' : sign;
}

function group(text: string, { grouping }: Spec, size: number): string {
  if (grouping === '') return text;
  const [whole = '', ...rest] = text.split(/(?=[.e%])/);
  return whole.replace(new RegExp(`\\B(?=(?:\\w{${size}})+$)`, 'g'), grouping) + rest.join('');
}

function unknownCode(code: string, type: string): Error {
  return valueError(`Unknown format code '${code}' for object of type '${type}'`);
}
