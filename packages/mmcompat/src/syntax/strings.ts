import type { Constant, Expression, JoinedString, Replacement } from './ast.js';
import { decodeString, LiteralError, stringForm, unescape } from './literals.js';
import { type Raw, syntaxError } from './raw.js';
import type { PythonSource } from './source.js';

type Part = string | Replacement;

const COMPLETE = /^[a-zA-Z]*(?:'''[^]*'''|"""[^]*"""|'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*")$/;

/** Reads string literals; `convert` reads the expressions in f-strings. */
export class StringConverter {
  readonly #source: PythonSource;
  readonly #convert: (parts: readonly Raw[]) => Expression;

  constructor(source: PythonSource, convert: (parts: readonly Raw[]) => Expression) {
    this.#source = source;
    this.#convert = convert;
  }

  plain({ from, to }: Raw): Constant {
    this.#checkEnd(from, to);
    const value = this.#literal(from, () => decodeString(this.#source.text.slice(from, to)));
    return { kind: 'Constant', value, start: from, end: to };
  }

  /** Adjacent literals are one. */
  continued(raw: Raw): Constant | JoinedString {
    const pieces = raw.children.map((child) => (child.name === 'String' ? this.plain(child) : this.format(child)));
    const values = pieces.map((piece) => (piece.kind === 'Constant' ? piece.value : piece.parts));
    const span = { start: raw.from, end: raw.to };
    if (values.every((value) => typeof value === 'string'))
      return { kind: 'Constant', value: values.join(''), ...span };
    if (values.every((value) => value instanceof Uint8Array))
      return { kind: 'Constant', value: Uint8Array.from(values.flatMap((value) => [...value])), ...span };
    if (values.some((value) => value instanceof Uint8Array))
      throw syntaxError(this.#source, raw.from, 'cannot mix bytes and nonbytes literals');
    return { kind: 'JoinedString', parts: joinTexts(values.flat() as Part[]), ...span };
  }

  format(raw: Raw): JoinedString {
    this.#checkEnd(raw.from, raw.to);
    const { isRaw, open, close } = stringForm(this.#source.text.slice(raw.from, raw.to));
    const decode = (text: string, at: number): string => {
      const plain = text.replaceAll('{{', '{').replaceAll('}}', '}');
      return isRaw ? plain : this.#literal(at, () => unescape(plain, 0));
    };
    const parts = this.#parts(raw, raw.from + open, raw.to - close, decode);
    return { kind: 'JoinedString', parts, start: raw.from, end: raw.to };
  }

  #parts(raw: Raw, from: number, to: number, decode: (text: string, at: number) => string): Part[] {
    const parts: Part[] = [];
    let at = from;
    const text = (end: number) => {
      if (end > at) parts.push(decode(this.#source.text.slice(at, end), at));
    };
    for (const child of raw.children.filter(({ name }) => name === 'FormatReplacement')) {
      text(child.from);
      parts.push(this.#replacement(child));
      at = child.to;
    }
    text(to);
    return joinTexts(parts);
  }

  #replacement(raw: Raw): Replacement {
    const find = (name: string) => raw.children.find((child) => child.name === name);
    const [selfDoc, conversion, spec] = [find('FormatSelfDoc'), find('FormatConversion'), find('FormatSpec')];
    const marks = new Set(['{', '}', 'FormatSelfDoc', 'FormatConversion', 'FormatSpec']);
    const { text } = this.#source;
    const [, after = ''] = selfDoc === undefined ? [] : (/^(\s*)/.exec(text.slice(selfDoc.to, raw.to)) ?? []);
    return {
      value: this.#convert(raw.children.filter(({ name }) => !marks.has(name))),
      selfDoc: selfDoc === undefined ? undefined : text.slice(raw.from + 1, selfDoc.to) + after,
      conversion:
        conversion === undefined ? undefined : (text.slice(conversion.from + 1, conversion.to) as 's' | 'r' | 'a'),
      spec: spec === undefined ? undefined : this.#parts(spec, spec.from + 1, spec.to, (piece) => piece),
      start: raw.from,
      end: raw.to,
    };
  }

  /** The grammar ends a string at the end of its line, quote or not. */
  #checkEnd(from: number, to: number): void {
    const { text } = this.#source;
    if (to < text.length && text[to] !== '\n') return;
    if (!COMPLETE.test(text.slice(from, to))) throw syntaxError(this.#source, from, 'unterminated string literal');
  }

  #literal<T>(at: number, decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      if (error instanceof LiteralError) throw syntaxError(this.#source, at + error.offset, error.message);
      throw error;
    }
  }
}

function joinTexts(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}
