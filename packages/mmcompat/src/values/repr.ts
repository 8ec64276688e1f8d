import { floatRepr } from './decimal.js';
import { PyDict, PySet } from './dict.js';
import { PythonException } from './exception.js';
import { LazyAttr, LazyObject } from './lazy.js';
import {
  PyBytes,
  PyError,
  PyIterator,
  PyModule,
  PyNative,
  PyOpaque,
  PyRange,
  PyTuple,
  PyType,
  type PyValue,
  typeName,
} from './value.js';

/** More characters than any message or config shows. */
const LONGEST = 10_000_000;

/** Python's `str(value)`. */
export function str(value: PyValue): string {
  if (typeof value === 'string') return value;
  return value instanceof PyError ? value.message : repr(value);
}

/** Python's `repr(value)`. */
export function repr(value: PyValue): string {
  return new Writer().write(value);
}

class Writer {
  readonly #open = new Set<object>();
  #length = 0;

  write(value: PyValue): string {
    const text = this.#text(value);
    this.#length += text.length;
    if (this.#length > LONGEST) throw new PythonException('OverflowError', 'the text of this value is too long');
    return text;
  }

  #text(value: PyValue): string {
    if (value === null) return 'None';
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    if (typeof value === 'bigint') return integerText(value);
    if (typeof value === 'number') return floatRepr(value);
    if (typeof value === 'string') return stringRepr(value);
    if (this.#open.has(value)) return Array.isArray(value) ? '[...]' : '{...}';
    if (this.#open.size > 500) throw new PythonException('RuntimeError', 'the value is nested too deeply');
    this.#open.add(value);
    const text = Array.isArray(value) ? `[${this.#all(value)}]` : this.#object(value);
    this.#open.delete(value);
    return text;
  }

  #all(values: Iterable<PyValue>): string {
    return Array.from(values, (value) => this.write(value)).join(', ');
  }

  #object(value: Exclude<PyValue, null | boolean | bigint | number | string | PyValue[]>): string {
    if (value instanceof PyTuple)
      return value.items.length === 1 ? `(${this.#all(value.items)},)` : `(${this.#all(value.items)})`;
    if (value instanceof PyDict) {
      const items = Array.from(value.entries(), (entry) => `${this.write(entry.key)}: ${this.write(entry.value)}`);
      return `{${items.join(', ')}}`;
    }
    if (value instanceof PySet) return this.#set(value);
    if (value instanceof LazyObject || value instanceof LazyAttr) return value.text;
    if (value instanceof PyBytes) return bytesRepr(value.bytes);
    if (value instanceof PyRange)
      return `range(${value.start}, ${value.stop}${value.step === 1n ? '' : `, ${value.step}`})`;
    if (value instanceof PyType) return `<class '${value.name}'>`;
    if (value instanceof PyModule) return `<module '${value.name}'>`;
    if (value instanceof PyNative) return `<built-in function ${value.name}>`;
    if (value instanceof PyIterator) return `<${value.typeName} object>`;
    if (value instanceof PyError) return `${value.typeName}(${stringRepr(value.message)})`;
    if (value instanceof PyOpaque) return value.text;
    return 'name' in value ? `<${typeName(value)} ${String(value.name)}>` : `<${typeName(value)}>`;
  }

  #set({ members, isFrozen }: PySet): string {
    if (members.size === 0) return isFrozen ? 'frozenset()' : 'set()';
    const items = `{${this.#all(members.values())}}`;
    return isFrozen ? `frozenset(${items})` : items;
  }
}

/** @throws ValueError (Python's) beyond the digits that Python prints */
export function integerText(value: bigint): string {
  if (value > LARGEST || value < -LARGEST) {
    throw new PythonException('ValueError', 'Exceeds the limit (4300 digits) for integer string conversion');
  }
  return String(value);
}
const LARGEST = 10n ** 4300n;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const UNPRINTABLE = /[\\\p{C}\p{Z}]/gu;

/** In single quotes unless there are only such inside. */
export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(UNPRINTABLE, (character) => {
    if (character === ' ') return character;
    const point = character.codePointAt(0) ?? 0;
    const hex = (digits: number) => point.toString(16).padStart(digits, '0');
    return ESCAPES[character] ?? (point < 256 ? `\\x${hex(2)}` : point < 65536 ? `\\u${hex(4)}` : `\\U${hex(8)}`);
  });
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function bytesRepr(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (ESCAPES[character] !== undefined) return ESCAPES[character];
    return byte < 32 || byte > 126 ? `\\x${byte.toString(16).padStart(2, '0')}` : character;
  }).join('');
  return text.includes("'") && !text.includes('"') ? `b"${text}"` : `b'${text.replaceAll("'", "\\'")}'`;
}

/** Python's `ascii(value)`. */
export function ascii(value: PyValue): string {
  return repr(value).replace(/\P{ASCII}/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    const hex = point.toString(16);
    return point < 256 ? `\\x${hex}` : point < 65536 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
}
