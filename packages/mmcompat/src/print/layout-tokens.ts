/** One `key = value` line of a printed config as tokens, with what the layout needs to know of each. */
import { mmcompatErrors } from '../errors.js';
import { compareText } from '../values/compare.js';
import { PyDict } from '../values/dict.js';
import { repr, str } from '../values/repr.js';
import { PyTuple, type PyValue } from '../values/value.js';
import { endless } from './canonical.js';
import { isIdentifier } from './source.js';

/** How strongly a token holds on to the one before; a break costs this much. */
export const UNBREAKABLE = 1_000_000;
const NAMED_VALUE = 15_000;
const CLOSING_CALL = 3500;
const CONNECTED = 3000;
const CLOSING_TUPLE = 2300;
const AFTER_MINUS = 2100;
const FIRST_IN_TUPLE = 1400;
const ONLY_ARGUMENT = 500;
const AFTER_BRACKET = 300;
const NEXT_IN_TUPLE = 100;
const BEFORE_BRACKET = 100;
const DEEPEST = 150;

export interface Token {
  readonly text: string;
  readonly kind: 'name' | 'keyword' | 'string' | 'number' | 'mark';
  readonly index: number;
  /** Characters from the start of the line to the end of this token, were everything on one line. */
  total: number;
  spaces: number;
  penalty: number;
  /** What the structure asks for, before the neighbours are looked at. */
  structural: number;
  mustBreak: boolean;
  canBreak: boolean;
  /** The other bracket of a pair. */
  match: Token | undefined;
  /** The bracket that it stands in; for a bracket the one around it. */
  around: Token | undefined;
  /** The name of one of several named arguments. */
  isArgument: boolean;
  isKey: boolean;
  isDictValue: boolean;
  isAfterMinus: boolean;
  /** Of the bracket of a call: where its arguments and the commas between them start. */
  readonly elements: Token[];
}

const OPENING = '([{';
const CLOSING = ')]}';

export function opens({ kind, text }: Token): boolean {
  return kind === 'mark' && OPENING.includes(text);
}

export function closes({ kind, text }: Token): boolean {
  return kind === 'mark' && CLOSING.includes(text);
}

/** @throws `ENGINE_MMCOMPAT_NOT_PRINTABLE` for what Python source cannot spell */
export function tokensOf(name: string, value: PyValue): Token[] {
  if (!isIdentifier(name) || KEYWORDS.has(name)) throw notPrintable(`the key ${name}`);
  const builder = new Builder();
  builder.add(name, 'name');
  builder.add('=', 'mark', UNBREAKABLE);
  builder.value(value, { base: 0, depth: 0 });
  return finished(builder.tokens);
}

interface Place {
  /** What every token inside is held with at least. */
  readonly base: number;
  readonly depth: number;
}

class Builder {
  readonly tokens: Token[] = [];
  readonly #open: Token[] = [];

  add(text: string, kind: Token['kind'], structural = 0): Token {
    const token: Token = {
      text,
      kind,
      index: this.tokens.length,
      total: 0,
      spaces: 0,
      penalty: 0,
      structural,
      mustBreak: false,
      canBreak: false,
      match: undefined,
      around: this.#open.at(-1),
      isArgument: false,
      isKey: false,
      isDictValue: false,
      isAfterMinus: false,
      elements: [],
    };
    this.tokens.push(token);
    return token;
  }

  #bracket(text: string, structural: number): Token {
    const token = this.add(text, 'mark', structural);
    this.#open.push(token);
    return token;
  }

  #close(text: string, structural: number): Token {
    const open = this.#open.pop();
    const token = this.add(text, 'mark', structural);
    if (open !== undefined) [open.match, token.match] = [token, open];
    return token;
  }

  /** The first token of what was added. */
  value(value: PyValue, place: Place): Token {
    if (place.depth > DEEPEST) throw endless();
    if (value instanceof PyDict) return this.#call(value, place);
    if (Array.isArray(value)) return this.#list(value, place);
    if (value instanceof PyTuple) return this.#tuple(value.items, place);
    return this.#scalar(value, place.base);
  }

  #scalar(value: PyValue, base: number): Token {
    if (typeof value === 'string') return this.add(repr(value), 'string', base);
    if (value !== null && typeof value === 'object') return this.#other(value, base);
    const text = str(value);
    if (value === null || typeof value === 'boolean') return this.add(text, 'keyword', base);
    if (!text.startsWith('-')) return this.add(text, /\d/.test(text) ? 'number' : 'name', base);
    const minus = this.add('-', 'mark', base);
    this.add(text.slice(1), /\d/.test(text) ? 'number' : 'name', base + AFTER_MINUS).isAfterMinus = true;
    return minus;
  }

  #other(value: PyValue, base: number): Token {
    const text = str(value);
    if (text.startsWith('<')) throw notPrintable(text);
    return this.add(text, 'number', base);
  }

  #list(items: readonly PyValue[], { base, depth }: Place): Token {
    const open = this.#bracket('[', base);
    for (const item of items) {
      this.value(item, { base, depth: depth + 1 }).mustBreak = true;
      this.add(',', 'mark', base);
    }
    this.#close(']', items.length === 0 ? UNBREAKABLE : base);
    return open;
  }

  #tuple(items: readonly PyValue[], { base, depth }: Place): Token {
    const open = this.#bracket('(', base);
    for (const [index, item] of items.entries()) {
      const first = this.value(item, { base, depth: depth + 1 });
      first.structural = index === 0 ? FIRST_IN_TUPLE : NEXT_IN_TUPLE;
      first.mustBreak ||= items.length > 1;
      this.add(',', 'mark', UNBREAKABLE);
    }
    this.#close(')', CLOSING_TUPLE);
    return open;
  }

  /** `dict(...)` */
  #call(dict: PyDict, place: Place): Token {
    const name = this.add('dict', 'name', place.base);
    const open = this.#bracket('(', UNBREAKABLE);
    const entries = sortedEntries(dict);
    if (entries.some(({ name: key }) => !isIdentifier(key))) this.#mapping(entries, place);
    else this.#arguments(entries, place, open);
    this.#close(')', CLOSING_CALL);
    return name;
  }

  #arguments(entries: readonly Entry[], { base, depth }: Place, open: Token): void {
    const isOnly = entries.length === 1;
    const inner = isOnly ? Math.max(base, CONNECTED) : base;
    for (const [index, { name, value }] of entries.entries()) {
      if (KEYWORDS.has(name)) throw notPrintable(`the key ${name}`);
      if (index > 0) open.elements.push(this.add(',', 'mark', UNBREAKABLE));
      const first = this.add(name, 'name', isOnly ? ONLY_ARGUMENT : base);
      first.isArgument = !isOnly;
      open.elements.push(first);
      this.add('=', 'mark', NAMED_VALUE);
      this.value(value, { base: inner, depth: depth + 1 }).structural = NAMED_VALUE;
    }
  }

  /** `{'a-b': 1, 3: 2}` inside of the brackets of `dict()`. */
  #mapping(entries: readonly Entry[], { base, depth }: Place): void {
    const around = this.#open.at(-1);
    const open = this.#bracket('{', base);
    around?.elements.push(open);
    for (const [index, { key, value }] of entries.entries()) {
      if (index > 0) this.add(',', 'mark', base);
      (typeof key === 'string' ? this.add(`'${key}'`, 'string', base) : this.#scalar(key, base)).isKey = true;
      this.add(':', 'mark', Math.max(base, CONNECTED));
      this.value(value, { base, depth: depth + 1 }).isDictValue = true;
    }
    this.#close('}', base);
  }
}

interface Entry {
  readonly key: PyValue;
  readonly name: string;
  readonly value: PyValue;
}

export function sortedEntries(dict: PyDict): Entry[] {
  const entries = Array.from(dict.entries(), ({ key, value }) => ({ key, name: str(key), value }));
  return entries.sort((left, right) => compareText(left.name, right.name));
}

/** Fills in what depends on the token before. */
function finished(tokens: Token[]): Token[] {
  let before: Token | undefined;
  for (const token of tokens) {
    if (before === undefined) token.total = token.text.length;
    else {
      token.spaces = spacesBetween(before, token);
      token.total = before.total + token.text.length + token.spaces;
      const isOutside =
        token.around === undefined &&
        !(closes(token) && token.match?.around === undefined && token.match?.index !== undefined);
      token.penalty =
        isOutside && !closes(token) ? UNBREAKABLE : token.structural > 0 ? token.structural : ownPenalty(before, token);
      token.canBreak = token.mustBreak || isBreakable(before, token);
    }
    before = token;
  }
  return tokens;
}

function spacesBetween(before: Token, token: Token): number {
  if (before.kind === 'mark' && (before.text === ',' || before.text === ':')) return 1;
  const isAssignment = (each: Token) => each.text === '=' && each.kind === 'mark' && each.around === undefined;
  return isAssignment(before) || isAssignment(token) ? 1 : 0;
}

function ownPenalty(before: Token, token: Token): number {
  if (before.text === ',' && before.kind === 'mark') return 0;
  if (opens(before) && token.text !== '(') return AFTER_BRACKET;
  return closes(token) ? BEFORE_BRACKET : 0;
}

function isBreakable(before: Token, token: Token): boolean {
  if (token.penalty >= UNBREAKABLE || token.isAfterMinus) return false;
  if (token.kind === 'mark' && (token.text === ':' || token.text === ',')) return false;
  return !(before.kind === 'name' && token.kind === 'mark' && (token.text === '(' || token.text === '['));
}

const KEYWORDS = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);

export function notPrintable(received: string): Error {
  return mmcompatErrors.NOT_PRINTABLE({
    expected: 'keys that are names, and values that Python source can spell',
    received,
    action: 'print it as JSON instead',
  });
}
