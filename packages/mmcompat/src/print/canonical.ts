/** Python values as JSON that loses nothing: the encoding of `parity/config/README.md`. */
import { mmcompatErrors } from '../errors.js';
import { compareText } from '../values/compare.js';
import { floatRepr } from '../values/decimal.js';
import { PyDict, PySet } from '../values/dict.js';
import { LazyAttr, LazyObject } from '../values/lazy.js';
import { repr } from '../values/repr.js';
import { PyTuple, type PyValue } from '../values/value.js';

export interface CanonicalOptions {
  /** Keys by code point instead of as written; default false. */
  readonly sortKeys?: boolean;
  /** Spaces for each level; default everything on one line without spaces. */
  readonly indent?: number;
}

/** @throws `ENGINE_MMCOMPAT_TOO_LARGE` for values that hold themselves, or each other too often */
export function canonicalJson(value: PyValue, options: CanonicalOptions = {}): string {
  return new Encoder(options).value(value, 0);
}

/** More values than any config has. */
const MOST = 2_000_000;
const DEEPEST = 900;

class Encoder {
  readonly #sortKeys: boolean;
  readonly #indent: number;
  #count = 0;

  constructor({ sortKeys = false, indent = 0 }: CanonicalOptions) {
    this.#sortKeys = sortKeys;
    this.#indent = indent;
  }

  value(value: PyValue, depth: number): string {
    this.#count += 1;
    if (this.#count > MOST || depth > DEEPEST) throw endless();
    if (value === null || typeof value === 'boolean') return String(value);
    if (typeof value === 'string') return jsonText(value);
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'number')
      return Number.isFinite(value) ? floatRepr(value) : this.#wrapped('__float__', jsonText(floatRepr(value)), depth);
    if (Array.isArray(value)) return this.#list(value, depth);
    if (value instanceof PyTuple) return this.#wrapped('__tuple__', this.#list(value.items, depth + 1), depth);
    if (value instanceof PyDict) return this.#dict(value, depth);
    if (value instanceof PySet) {
      const items = Array.from(value.members.values(), (item) => this.value(item, depth + 2)).sort(compareText);
      return this.#wrapped('__set__', this.#brackets('[', items, depth + 1), depth);
    }
    if (value instanceof LazyObject || value instanceof LazyAttr)
      return this.#wrapped('__lazy__', jsonText(value.dotted), depth);
    return this.#wrapped('__repr__', jsonText(repr(value)), depth);
  }

  #list(items: readonly PyValue[], depth: number): string {
    return this.#brackets(
      '[',
      items.map((item) => this.value(item, depth + 1)),
      depth,
    );
  }

  #dict(dict: PyDict, depth: number): string {
    const entries = [...dict.entries()];
    if (entries.every(({ key }) => typeof key === 'string')) {
      const shown = this.#sortKeys
        ? entries.sort((left, right) => compareText(String(left.key), String(right.key)))
        : entries;
      return this.#brackets(
        '{',
        shown.map(({ key, value }) => this.#member(String(key), this.value(value, depth + 1))),
        depth,
      );
    }
    const pairs = entries
      .map(({ key, value }) => ({ key: this.value(key, depth + 3), value }))
      .sort((left, right) => compareText(left.key, right.key))
      .map(({ key, value }) => this.#brackets('[', [key, this.value(value, depth + 3)], depth + 2));
    return this.#wrapped('__dict__', this.#brackets('[', pairs, depth + 1), depth);
  }

  #wrapped(mark: string, value: string, depth: number): string {
    return this.#brackets('{', [this.#member(mark, value)], depth);
  }

  #member(key: string, value: string): string {
    return `${jsonText(key)}:${this.#indent > 0 ? ' ' : ''}${value}`;
  }

  #brackets(open: '[' | '{', items: readonly string[], depth: number): string {
    const close = open === '[' ? ']' : '}';
    if (items.length === 0) return open + close;
    if (this.#indent === 0) return open + items.join(',') + close;
    const margin = ' '.repeat(this.#indent * depth);
    const inner = ' '.repeat(this.#indent * (depth + 1));
    return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${margin}${close}`;
  }
}

/** As Python's `json.dumps(ensure_ascii=False)`: lone surrogates stay, control characters are escaped. */
function jsonText(text: string): string {
  return JSON.stringify(text).replace(/\\u(d[89a-f][0-9a-f]{2})/g, (_whole, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

export function endless(): Error {
  return mmcompatErrors.TOO_LARGE({
    expected: 'a config that can be written down',
    received: 'values that hold themselves, or each other again and again',
    action: 'make the values from copies',
  });
}
