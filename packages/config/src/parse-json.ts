import { requireDepth } from './depth.js';
import { LineStarts } from './line-starts.js';
import { type ParsedText, syntaxError } from './parsed-text.js';
import { type Path, positionKey } from './tree.js';

/**
 * JSON with line and block comments and trailing commas.
 *
 * @throws `ENGINE_CONFIG_SYNTAX` at the offending place, `ENGINE_CONFIG_TOO_DEEP`
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

class JsonParser {
  readonly positions = new Map<string, { line: number; column: number }>();
  readonly #text: string;
  readonly #file: string;
  readonly #lines: LineStarts;
  #offset = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
    this.#lines = new LineStarts(text);
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
    this.positions.set(positionKey(path), this.#lines.position(keyOffset ?? this.#offset));
    requireDepth(path.length, { file: this.#file, ...this.#lines.position(this.#offset) });
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

  #error(expected: string, offset = this.#offset): Error {
    const rest = this.#text.slice(offset).split('\n', 1)[0] ?? '';
    return syntaxError(expected, rest === '' ? 'the end of the line or file' : rest.slice(0, 40), {
      at: { file: this.#file, ...this.#lines.position(offset) },
    });
  }
}
