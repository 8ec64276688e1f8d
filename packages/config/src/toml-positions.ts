import { LineStarts } from './line-starts.js';
import { type Path, type Positions, positionKey } from './tree.js';

/** Where every value of a TOML text stands: at its key, list items at themselves. The text is valid: a parser has read it. */
export function tomlPositions(text: string): Positions {
  return new TomlScanner(text).document();
}

const SPACE = /[ \t]*/y;
const BLANK = /(?:[ \t\r\n]|#[^\n]*)*/y;
const BARE = /[A-Za-z0-9_-]+/y;
const SCALAR = /[^,\]}#\r\n]+/y;
const TEXTS = [/"""(?:[^\\]|\\[\s\S])*?"""{1,3}/y, /'''[\s\S]*?'''{1,3}/y, /"(?:[^"\\\n]|\\.)*"/y, /'[^'\n]*'/y];

class TomlScanner {
  readonly #text: string;
  readonly #lines: LineStarts;
  readonly #positions = new Map<string, { line: number; column: number }>();
  /** Arrays of tables → how many tables they have so far. */
  readonly #counts = new Map<string, number>();
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineStarts(text);
  }

  document(): Positions {
    this.#found([], 0);
    let table: Path = [];
    for (;;) {
      this.#match(BLANK);
      if (this.#offset >= this.#text.length) return this.#positions;
      if (this.#text.charAt(this.#offset) === '[') table = this.#header();
      else this.#pair(table);
    }
  }

  #header(): Path {
    const start = this.#offset;
    const isList = this.#text.startsWith('[[', start);
    this.#offset += isList ? 2 : 1;
    const keys = this.#keys();
    this.#offset += isList ? 2 : 1;
    const path = this.#within([], keys, start, isList);
    if (!isList) return path;
    const count = this.#counts.get(positionKey(path)) ?? 0;
    this.#counts.set(positionKey(path), count + 1);
    this.#found(path, start);
    this.#found([...path, count], start);
    return [...path, count];
  }

  /** The path of keys below `path`; keys of arrays of tables mean their last table, except for the array that a header adds to. */
  #within(path: Path, keys: readonly string[], start: number, isList = false): Path {
    let at = path;
    for (const [index, key] of keys.entries()) {
      at = [...at, key];
      this.#found(at, start);
      const count = this.#counts.get(positionKey(at));
      if (count !== undefined && !(isList && index === keys.length - 1)) at = [...at, count - 1];
    }
    return at;
  }

  #pair(table: Path): void {
    const start = this.#offset;
    const path = this.#within(table, this.#keys(), start);
    this.#offset += 1; // the equals sign
    this.#value(path);
  }

  #keys(): string[] {
    const keys: string[] = [];
    do {
      if (keys.length > 0) this.#offset += 1; // the dot
      this.#match(SPACE);
      const bare = this.#match(BARE);
      keys.push(bare ?? unquote(this.#string() ?? ''));
      this.#match(SPACE);
    } while (this.#text.charAt(this.#offset) === '.');
    return keys;
  }

  #value(path: Path): void {
    this.#match(BLANK);
    const next = this.#text.charAt(this.#offset);
    if (next === '[') this.#items(path);
    else if (next === '{') this.#table(path);
    else if (this.#string() === undefined && this.#match(SCALAR) === undefined) this.#offset += 1;
  }

  #items(path: Path): void {
    let index = 0;
    this.#sequence(']', () => {
      const item = [...path, index++];
      this.#found(item, this.#offset);
      this.#value(item);
    });
  }

  #table(path: Path): void {
    this.#sequence('}', () => this.#pair(path));
  }

  #sequence(end: string, item: () => void): void {
    this.#offset += 1;
    for (;;) {
      this.#match(BLANK);
      const next = this.#text.charAt(this.#offset);
      if (next === end || next === '') break;
      if (next === ',') this.#offset += 1;
      else item();
    }
    this.#offset += 1;
  }

  #string(): string | undefined {
    for (const pattern of TEXTS) {
      const text = this.#match(pattern);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#offset += found?.length ?? 0;
    return found;
  }

  #found(path: Path, offset: number): void {
    const key = positionKey(path);
    if (!this.#positions.has(key)) this.#positions.set(key, this.#lines.position(offset));
  }
}

function unquote(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1);
  const json = text.replace(/\\U([0-9a-fA-F]{8})/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
  try {
    return JSON.parse(json) as string;
  } catch {
    return text.slice(1, -1); // an escape that TOML has and JSON has not
  }
}
