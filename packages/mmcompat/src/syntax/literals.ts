/** The values of Python's number and string literals. */

/** Why a literal is not valid; the offset counts from its start. */
export class LiteralError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** A bigint for an integer, a number for a float. @throws LiteralError */
export function decodeNumber(text: string): bigint | number {
  if (/__|_$|_[.eE]|[.eE+-]_/.test(text)) throw new LiteralError('invalid decimal literal', 0);
  const digits = text.replaceAll('_', '');
  if (/[jJ]$/.test(digits)) throw new LiteralError('complex numbers are not supported', 0);
  if (/^0[xXoObB]/.test(digits)) return BigInt(digits.toLowerCase());
  if (/[.eE]/.test(digits)) return Number(digits);
  if (/^0+[1-9]/.test(digits)) {
    throw new LiteralError('leading zeros in decimal integer literals are not permitted', 0);
  }
  if (digits.length > 4300) throw new LiteralError('an integer of more than 4300 digits', 0);
  return BigInt(digits);
}

export interface StringForm {
  readonly isRaw: boolean;
  readonly isBytes: boolean;
  /** Length of prefix and opening quote. */
  readonly open: number;
  /** Length of the closing quote. */
  readonly close: number;
}

export function stringForm(text: string): StringForm {
  const [opening = '', prefix = '', quote = ''] = /^([a-zA-Z]*)("""|'''|"|')/.exec(text) ?? [];
  const lower = prefix.toLowerCase();
  return { isRaw: lower.includes('r'), isBytes: lower.includes('b'), open: opening.length, close: quote.length };
}

/** @throws LiteralError */
export function decodeString(text: string): string | Uint8Array {
  const { isRaw, isBytes, open, close } = stringForm(text);
  const body = text.slice(open, text.length - close);
  if (!isBytes) return isRaw ? body : unescape(body, open);
  if (/\P{ASCII}/u.test(body)) {
    throw new LiteralError('bytes can only contain ASCII literal characters', 0);
  }
  const characters = isRaw ? body : unescape(body, open, true);
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/** Text with its escapes resolved; those that Python does not know stay as they are. @throws LiteralError */
export function unescape(text: string, at: number, isBytes = false): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (...match: unknown[]) => {
    const [whole, octal, hex, short, long, other] = match as (string | undefined)[];
    const offset = at + (match[6] as number);
    const unicode = short ?? long;
    if (isBytes && (unicode !== undefined || other === 'N')) return whole ?? '';
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    const code = hex ?? unicode;
    if (code !== undefined) return characterOf(code, offset);
    if (other === 'N') throw new LiteralError('characters by name (\\N{...}) are not supported', offset);
    if (other === 'x' || (!isBytes && (other === 'u' || other === 'U')))
      throw new LiteralError(`truncated \\${other} escape`, offset);
    return SIMPLE[other ?? ''] ?? whole ?? '';
  });
}

function characterOf(code: string, offset: number): string {
  const point = Number.parseInt(code, 16);
  if (point > 0x10ffff) throw new LiteralError('illegal Unicode character', offset);
  return String.fromCodePoint(point);
}
