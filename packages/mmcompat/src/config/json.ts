/** JSON as Python's `json` reads it: whole numbers and floats are told apart, `NaN` and `Infinity` are numbers. */
import { mmcompatErrors } from '../errors.js';
import { PythonSource } from '../syntax/source.js';
import { PyDict } from '../values/dict.js';
import type { PyValue } from '../values/value.js';

const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|"((?:[^"\\]|\\.)*)"|(-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?)|(true|false|null|NaN|-?Infinity))/sy;
const WORDS: Readonly<Record<string, PyValue>> = {
  true: true,
  false: false,
  null: null,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

type Token = { readonly mark: string } | { readonly value: PyValue };

/** @throws `ENGINE_MMCOMPAT_SYNTAX`, `ENGINE_MMCOMPAT_TOO_DEEP` */
export function parseJson(text: string, file: string, source = new PythonSource(text, file)): PyValue {
  return new JsonReader(text, source).document();
}

class JsonReader {
  readonly #text: string;
  readonly #source: PythonSource;
  #at = 0;
  #depth = 0;

  constructor(text: string, source: PythonSource) {
    this.#text = text;
    this.#source = source;
  }

  document(): PyValue {
    const value = this.#value(this.#token());
    if (/[^ \t\n\r]/.test(this.#text.slice(this.#at))) throw this.#error('more after the end of the value');
    return value;
  }

  #token(): Token {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) throw this.#error('this is not JSON');
    this.#at = TOKEN.lastIndex;
    const [, mark, string, number, fraction, exponent, word] = match;
    if (mark !== undefined) return { mark };
    if (string !== undefined) return { value: this.#string(string) };
    if (number !== undefined)
      return { value: fraction === undefined && exponent === undefined ? BigInt(number) : Number(number) };
    return { value: WORDS[word ?? ''] ?? null };
  }

  #string(escaped: string): string {
    try {
      return JSON.parse(`"${escaped}"`) as string;
    } catch {
      throw this.#error('this text has a character or an escape that JSON does not allow');
    }
  }

  #value(token: Token): PyValue {
    if ('value' in token) return token.value;
    this.#depth += 1;
    if (this.#depth > 500)
      throw mmcompatErrors.TOO_DEEP({
        subject: this.#source.file,
        expected: 'values that nest less deeply',
        received: 'more than 500 levels',
        action: 'flatten the file',
      });
    const value = token.mark === '{' ? this.#object() : token.mark === '[' ? this.#array() : undefined;
    this.#depth -= 1;
    if (value === undefined) throw this.#error(`a value was expected before ${token.mark}`);
    return value;
  }

  #array(): PyValue[] {
    const items: PyValue[] = [];
    for (let token = this.#token(); ; token = this.#token()) {
      if ('mark' in token && token.mark === ']' && items.length === 0) return items;
      items.push(this.#value(token));
      if (this.#mark(',', ']') === ']') return items;
    }
  }

  #object(): PyDict {
    const dict = new PyDict();
    for (;;) {
      const token = this.#token();
      if ('mark' in token && token.mark === '}' && dict.size === 0) return dict;
      const start = this.#at;
      if (!('value' in token) || typeof token.value !== 'string')
        throw this.#error('a key in double quotes was expected');
      this.#mark(':');
      dict.set(token.value, this.#value(this.#token()), {
        source: this.#source,
        start: start - token.value.length - 2,
      });
      if (this.#mark(',', '}') === '}') return dict;
    }
  }

  #mark(...marks: readonly string[]): string {
    const token = this.#token();
    if ('mark' in token && marks.includes(token.mark)) return token.mark;
    throw this.#error(`${marks.join(' or ')} was expected`);
  }

  #error(received: string): Error {
    return mmcompatErrors.SYNTAX({
      subject: this.#source.file,
      expected: 'valid JSON',
      received,
      action: 'correct the file',
      at: this.#source.locate(this.#at),
    });
  }
}
