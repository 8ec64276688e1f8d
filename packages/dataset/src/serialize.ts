/** Plain data to bytes and back. Bytes may lie in shared memory; what is read is new each time. */
import { isPlainObject } from '@engine/core/plain';
import { datasetErrors } from './errors.js';
import { nameOf } from './naming.js';

const TYPED_ARRAYS = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
const NULL = 0;
const UNDEFINED = 1;
const FALSE = 2;
const TRUE = 3;
const INTEGER = 4;
const DOUBLE = 5;
const BIGINT = 6;
const STRING = 7;
const ARRAY = 8;
const OBJECT = 9;
const MAP = 10;
const SET = 11;
const DATE = 12;
const TYPED = 13;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Bytes of a value made of null, undefined, booleans, numbers, bigints, strings, arrays, plain objects, Map, Set, Date and typed arrays.
 * @throws `ENGINE_DATASET_NOT_SERIALIZABLE` with the path of anything else, and for circles
 */
export function serialize(value: unknown): Uint8Array {
  const writer = new Writer();
  writer.value(value, '');
  return writer.done();
}

/** The value of {@link serialize}, from `bytes[start, end)`. */
export function deserialize(bytes: Uint8Array, start = 0, end = bytes.length): unknown {
  return new Reader(bytes.subarray(start, end)).value();
}

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  readonly #open = new Set<object>();

  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  value(value: unknown, path: string): void {
    if (value === null) this.#byte(NULL);
    else if (value === undefined) this.#byte(UNDEFINED);
    else if (typeof value === 'boolean') this.#byte(value ? TRUE : FALSE);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#text(BIGINT, value.toString());
    else if (typeof value === 'string') this.#text(STRING, value);
    else if (typeof value === 'object') this.#object(value, path);
    else throw notSerializable(value, path);
  }

  #object(value: object, path: string): void {
    if (this.#open.has(value)) throw notSerializable(value, path, 'an object that contains itself');
    this.#open.add(value);
    if (Array.isArray(value)) this.#list(ARRAY, value, path);
    else if (ArrayBuffer.isView(value)) this.#typed(value, path);
    else if (value instanceof Map) this.#list(MAP, [...value].flat(), path);
    else if (value instanceof Set) this.#list(SET, [...value], path);
    else if (value instanceof Date) {
      this.#byte(DATE);
      this.#double(value.getTime());
    } else if (isPlainObject(value)) {
      const keys = Object.keys(value);
      this.#byte(OBJECT);
      this.#length(keys.length);
      for (const key of keys) {
        this.#string(key);
        this.value(value[key], path === '' ? key : `${path}.${key}`);
      }
    } else throw notSerializable(value, path);
    this.#open.delete(value);
  }

  #list(tag: number, items: readonly unknown[], path: string): void {
    this.#byte(tag);
    this.#length(items.length);
    for (let i = 0; i < items.length; i++) this.value(items[i], `${path}[${i}]`);
  }

  #typed(value: ArrayBufferView, path: string): void {
    const kind = TYPED_ARRAYS.findIndex((type) => value instanceof type);
    if (kind < 0) throw notSerializable(value, path);
    this.#byte(TYPED);
    this.#byte(kind);
    this.#length(value.byteLength);
    this.#raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }

  #number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 32 && !Object.is(value, -0)) {
      this.#byte(INTEGER);
      this.#length(value);
    } else {
      this.#byte(DOUBLE);
      this.#double(value);
    }
  }

  #text(tag: number, text: string): void {
    this.#byte(tag);
    this.#string(text);
  }

  #string(text: string): void {
    const bytes = encoder.encode(text);
    this.#length(bytes.length);
    this.#raw(bytes);
  }

  /** An integer below 2^32, seven bits a byte. */
  #length(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  #double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  #raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  value(): unknown {
    const tag = this.#byte();
    switch (tag) {
      case NULL:
        return null;
      case UNDEFINED:
        return undefined;
      case FALSE:
      case TRUE:
        return tag === TRUE;
      case INTEGER:
        return this.#length();
      case DOUBLE:
        return this.#double();
      case BIGINT:
        return BigInt(this.#string());
      case STRING:
        return this.#string();
      case OBJECT:
        return this.#fields();
      case DATE:
        return new Date(this.#double());
      case TYPED:
        return this.#typed();
      default:
        return this.#collection(tag);
    }
  }

  #collection(tag: number): unknown {
    const items = Array.from({ length: this.#length() }, () => this.value());
    if (tag === ARRAY) return items;
    if (tag === SET) return new Set(items);
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
    return map;
  }

  #fields(): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (let left = this.#length(); left > 0; left--) {
      const key = this.#string();
      if (key === '__proto__') Object.defineProperty(fields, key, { value: this.value(), ...OPEN });
      else fields[key] = this.value();
    }
    return fields;
  }

  #typed(): ArrayBufferView {
    const type = TYPED_ARRAYS[this.#byte()] as (typeof TYPED_ARRAYS)[number];
    const bytes = new Uint8Array(this.#raw());
    return new type(bytes.buffer);
  }

  #length(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  #string(): string {
    return decoder.decode(new Uint8Array(this.#raw())); // a copy: decoders refuse shared memory
  }

  #double(): number {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, 8);
    this.#at += 8;
    return view.getFloat64(0, true);
  }

  #byte(): number {
    return this.#bytes[this.#at++] as number;
  }

  #raw(): Uint8Array {
    const length = this.#length();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

const OPEN = { enumerable: true, writable: true, configurable: true } as const;

function notSerializable(value: unknown, path: string, what?: string): Error {
  return datasetErrors.NOT_SERIALIZABLE({
    subject: path === '' ? 'annotation' : path,
    expected: 'plain data: null, booleans, numbers, strings, lists, plain objects, Map, Set, Date, typed arrays',
    received: what ?? (typeof value === 'object' && value !== null ? `an instance of ${nameOf(value)}` : typeof value),
    action: 'keep plain data in annotations, or set serializeData: false (which does not work with worker threads)',
  });
}
