import type { SourceLocation } from '@engine/core';
import { configErrors } from './errors.js';
import { type Path, type Positions, positionKey } from './tree.js';

/** What a parser of a text format gives: plain data and where its values stand. */
export interface ParsedText {
  readonly data: unknown;
  readonly positions: Positions;
}

/**
 * JSON with line and block comments and trailing commas.
 *
 * @throws `ENGINE_CONFIG_SYNTAX` at the offending place
 */
export function parseJson(text: string, file: string): ParsedText {
  const parser = new JsonParser(text, file);
  return { data: parser.document(), positions: parser.positions };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\r\n]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /[A-Za-z]+/y;
const SPACE = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\uFEFF)*/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const MAX_DEPTH = 200;

class JsonParser {
  readonly positions = new Map<string, { line: number; column: number }>();
  readonly #text: string;
  readonly #file: string;
  readonly #lineStarts: number[];
  #offset = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
    this.#lineStarts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  }

  document(): unknown {
    if (this.#peek() === '') return {};
    const value = this.#value([]);
    if (this.#peek() !== '') throw this.#error('the end of the file');
    return value;
  }

  /** The value under a key stands where its key does: a misspelt key is what people look for. */
  #value(path: Path, keyOffset?: number): unknown {
    const next = this.#peek();
    this.positions.set(positionKey(path), this.#position(keyOffset ?? this.#offset));
    if (path.length > MAX_DEPTH) throw this.#error(`at most ${MAX_DEPTH} levels of nesting`);
    if (next === '{') return this.#object(path);
    if (next === '[') return this.#array(path);
    if (next === '"') return this.#string();
    const number = this.#match(NUMBER);
    if (number !== undefined) return Number(number);
    const start = this.#offset;
    const word = this.#match(WORD) ?? '';
    if (WORDS.has(word)) return WORDS.get(word);
    this.#offset = start;
    throw this.#error('a value: text in double quotes, a number, true, false, null, a list or an object');
  }

  #object(path: Path): unknown {
    const entries = new Map<string, unknown>();
    this.#sequence('}', () => {
      const isKey = this.#peek() === '"';
      const start = this.#offset;
      const key = isKey ? this.#string() : undefined;
      if (key === undefined) throw this.#error('a key in double quotes, or }');
      if (entries.has(key)) throw this.#error(`each key once; ${JSON.stringify(key)} is there already`, start);
      if (this.#peek() !== ':') throw this.#error('a colon after the key');
      this.#offset += 1;
      entries.set(key, this.#value([...path, key], start));
    });
    return Object.fromEntries(entries);
  }

  #array(path: Path): unknown[] {
    const items: unknown[] = [];
    this.#sequence(']', () => items.push(this.#value([...path, items.length])));
    return items;
  }

  #sequence(end: string, item: () => void): void {
    this.#offset += 1;
    while (this.#peek() !== end) {
      item();
      const next = this.#peek();
      if (next === ',') this.#offset += 1;
      else if (next !== end) throw this.#error(`a comma or ${end}`);
    }
    this.#offset += 1;
  }

  #string(): string {
    const start = this.#offset;
    const text = this.#match(STRING);
    try {
      if (text !== undefined) return JSON.parse(text) as string;
    } catch {
      this.#offset = start; // a control character, which only an escape may stand for
    }
    throw this.#error('text in double quotes, on one line, with known escapes');
  }

  /** The next character that is neither space nor comment; empty at the end. */
  #peek(): string {
    this.#match(SPACE);
    return this.#text.charAt(this.#offset);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#offset += found?.length ?? 0;
    return found;
  }

  #position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  #error(expected: string, offset = this.#offset): Error {
    const rest = this.#text.slice(offset).split('\n', 1)[0] ?? '';
    return syntaxError(expected, rest === '' ? 'the end of the line or file' : rest.slice(0, 40), {
      at: { file: this.#file, ...this.#position(offset) },
    });
  }
}

export function syntaxError(
  expected: string,
  received: string,
  where: { readonly at: SourceLocation; readonly cause?: unknown },
): Error {
  return configErrors.SYNTAX({ expected, received, action: 'correct the file at this place', ...where });
}
