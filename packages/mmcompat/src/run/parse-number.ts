import { valueError } from '../values/exception.js';
import { stringRepr } from '../values/repr.js';

/** Python's `int(text, base)`. @throws ValueError (Python's) */
export function parseIntegerText(text: string, base = 10): bigint {
  const match = /^([+-]?)(0[xob])?([0-9a-z]+(?:_[0-9a-z]+)*)$/i.exec(text.trim());
  const value = match === null ? undefined : digits(match, base);
  if (value === undefined) throw valueError(`invalid literal for int() with base ${base}: ${stringRepr(text)}`);
  return value;
}

const PREFIXES: Readonly<Record<string, number>> = { '0x': 16, '0o': 8, '0b': 2 };

function digits([, sign, prefix, written = '']: RegExpExecArray, base: number): bigint | undefined {
  const marked = prefix === undefined ? undefined : PREFIXES[prefix.toLowerCase()];
  const isMarked = marked !== undefined && (base === 0 || base === marked);
  const radix = isMarked ? marked : base === 0 ? 10 : base;
  const text = (isMarked ? written : `${prefix ?? ''}${written}`).replaceAll('_', '').toLowerCase();
  if (text.length > 4300) return undefined;
  let value = 0n;
  for (const character of text) {
    const digit = Number.parseInt(character, 36);
    if (!(digit < radix)) return undefined;
    value = value * BigInt(radix) + BigInt(digit);
  }
  return sign === '-' ? -value : value;
}

const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;

/** Python's `float(text)`; undefined where it is none. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = text.trim();
  if (FLOAT.test(trimmed)) return Number(trimmed.replaceAll('_', ''));
  if (/^[+-]?(?:inf|infinity)$/i.test(trimmed))
    return trimmed.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^[+-]?nan$/i.test(trimmed) ? Number.NaN : undefined;
}
