/**
 * Python's values. An integer is a bigint and a float a number, so that they stay apart; a list is an array, because both are references;
 * everything else that JavaScript has no like for is a class of its own.
 */
import type { Site } from './exception.js';

export type PyValue = null | boolean | bigint | number | string | PyValue[] | PyObject;

export abstract class PyObject {
  /** What `type(x).__name__` says. */
  abstract readonly typeName: string;
}

export class PyTuple extends PyObject {
  readonly typeName = 'tuple';
  readonly items: readonly PyValue[];

  constructor(items: readonly PyValue[]) {
    super();
    this.items = items;
  }
}

export class PyBytes extends PyObject {
  readonly typeName = 'bytes';
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }
}

export class PyRange extends PyObject {
  readonly typeName = 'range';
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;

  constructor(start: bigint, stop: bigint, step: bigint) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): bigint {
    const span = this.step > 0n ? this.stop - this.start : this.start - this.stop;
    const step = this.step > 0n ? this.step : -this.step;
    return span <= 0n ? 0n : (span + step - 1n) / step;
  }
}

/** What `iter()`, `zip()`, a generator expression and their like give. */
export class PyIterator extends PyObject {
  readonly typeName: string;
  readonly values: Iterator<PyValue, unknown>;

  constructor(type: string, values: Iterator<PyValue, unknown>) {
    super();
    this.typeName = type;
    this.values = values;
  }

  *[Symbol.iterator](): Iterator<PyValue> {
    for (let next = this.values.next(); next.done !== true; next = this.values.next()) yield next.value;
  }
}

/** The arguments of a call of something that is not written in Python. */
export interface NativeCall {
  readonly args: readonly PyValue[];
  readonly named: ReadonlyMap<string, PyValue>;
  readonly host: NativeHost;
}

/** What functions that are not written in Python may use of the interpreter. */
export interface NativeHost {
  /** Calls a Python value. */
  call(callee: PyValue, args: readonly PyValue[], named?: ReadonlyMap<string, PyValue>): PyValue;
  /** `value.name` @throws AttributeError (Python's) */
  attribute(value: PyValue, name: string): PyValue;
  /** Accounts for `count` characters or elements that are about to be made. @throws `ENGINE_MMCOMPAT_TOO_LARGE` */
  allocate(count: number | bigint): void;
  /** Accounts for one step of work. @throws `ENGINE_MMCOMPAT_TOO_MANY_STEPS` */
  step(): void;
  /** An environment variable. */
  env(name: string): string | undefined;
}

/** A function that is not written in Python. */
export class PyNative extends PyObject {
  readonly typeName: string = 'builtin_function_or_method';
  readonly name: string;
  readonly run: (call: NativeCall) => PyValue;

  constructor(name: string, run: (call: NativeCall) => PyValue) {
    super();
    this.name = name;
    this.run = run;
  }
}

/** A type: `int`, `dict`, ..., the exceptions, and classes that a config defines. */
export class PyType extends PyObject {
  readonly typeName = 'type';
  readonly name: string;
  /** Makes a value; left out where a config may not. */
  readonly make: ((call: NativeCall) => PyValue) | undefined;
  readonly members: ReadonlyMap<string, PyValue>;

  constructor(name: string, make?: (call: NativeCall) => PyValue, members: ReadonlyMap<string, PyValue> = new Map()) {
    super();
    this.name = name;
    this.make = make;
    this.members = members;
  }
}

export class PyModule extends PyObject {
  readonly typeName = 'module';
  readonly name: string;
  readonly members: ReadonlyMap<string, PyValue>;

  constructor(name: string, members: ReadonlyMap<string, PyValue>) {
    super();
    this.name = name;
    this.members = members;
  }
}

/** An exception as a value: `ValueError('x')`, or what `except ... as e` binds. */
export class PyError extends PyObject {
  readonly typeName: string;
  readonly message: string;

  constructor(type: string, message: string) {
    super();
    this.typeName = type;
    this.message = message;
  }
}

/** A value that nothing looks into: `...`, a date of a YAML file, an annotation's type. */
export class PyOpaque extends PyObject {
  readonly typeName: string;
  readonly text: string;

  constructor(type: string, text: string) {
    super();
    this.typeName = type;
    this.text = text;
  }
}

export const ELLIPSIS = new PyOpaque('ellipsis', 'Ellipsis');

/** A name of a file, a function call or a class body, with the place of its last assignment. */
export interface Binding {
  readonly value: PyValue;
  readonly site: Site | undefined;
}

export function typeName(value: PyValue): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  return Array.isArray(value) ? 'list' : value.typeName;
}

/** The whole number that an `int` or a `bool` is. */
export function asInteger(value: PyValue): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'boolean' ? BigInt(value) : undefined;
}

/** An `int`, `bool` or `float`. */
export function asNumber(value: PyValue): bigint | number | undefined {
  return typeof value === 'number' ? value : asInteger(value);
}
