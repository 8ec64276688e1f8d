import { PyDict, PySet } from './dict.js';
import { PythonException, typeError } from './exception.js';
import { asNumber, PyBytes, PyIterator, PyObject, PyRange, PyTuple, type PyValue, typeName } from './value.js';

export function truth(value: PyValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof PyDict) return value.size > 0;
  if (value instanceof PyTuple) return value.items.length > 0;
  if (value instanceof PySet) return value.members.size > 0;
  if (value instanceof PyRange) return value.length > 0n;
  return !(value instanceof PyBytes) || value.bytes.length > 0;
}

/** Python's `left == right`. */
export function equal(left: PyValue, right: PyValue, depth = 0): boolean {
  if (left === right) return true;
  const [first, second] = [asNumber(left), asNumber(right)];
  // biome-ignore lint/suspicious/noDoubleEquals: an int and a float are equal when their values are
  if (first !== undefined && second !== undefined)
    return typeof first === typeof second
      ? first === second
      : !(first < second) && !(first > second) && !Number.isNaN(Number(first)) && !Number.isNaN(Number(second));
  if (depth > 300) throw new PythonException('RuntimeError', 'the values are nested too deeply to be compared');
  if (Array.isArray(left)) return Array.isArray(right) && equalItems(left, right, depth);
  if (left instanceof PyTuple) return right instanceof PyTuple && equalItems(left.items, right.items, depth);
  if (left instanceof PyDict) return right instanceof PyDict && equalDicts(left, right, depth);
  if (left instanceof PySet)
    return (
      right instanceof PySet &&
      left.members.size === right.members.size &&
      [...left.members.keys()].every((key) => right.members.has(key))
    );
  if (left instanceof PyBytes) return right instanceof PyBytes && String(left.bytes) === String(right.bytes);
  if (left instanceof PyRange)
    return (
      right instanceof PyRange &&
      left.length === right.length &&
      (left.length === 0n || (left.start === right.start && (left.length === 1n || left.step === right.step)))
    );
  return false;
}

function equalItems(left: readonly PyValue[], right: readonly PyValue[], depth: number): boolean {
  return left.length === right.length && left.every((item, index) => equal(item, right[index] ?? null, depth + 1));
}

function equalDicts(left: PyDict, right: PyDict, depth: number): boolean {
  if (left.size !== right.size) return false;
  return [...left.entries()].every(({ key, value }) => {
    const other = right.get(key);
    return other !== undefined && equal(value, other, depth + 1);
  });
}

type Ordering = '<' | '<=' | '>' | '>=';

/** @throws TypeError (Python's) for values that have no order */
export function ordered(operator: Ordering, left: PyValue, right: PyValue): boolean {
  if (left instanceof PySet && right instanceof PySet) return setOrdered(operator, left, right);
  const order = compare(operator, left, right);
  if (Number.isNaN(order)) return false;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

/** Negative, zero or positive; NaN where a number is none. */
function compare(operator: Ordering, left: PyValue, right: PyValue): number {
  const [first, second] = [asNumber(left), asNumber(right)];
  if (first !== undefined && second !== undefined) return compareNumbers(first, second);
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  const [one, other] = [itemsOf(left), itemsOf(right)];
  if (one !== undefined && other !== undefined && typeName(left) === typeName(right)) {
    const at = one.findIndex((item, index) => index >= other.length || !equal(item, other[index] ?? null));
    const [differing, counterpart] = [one[at], other[at]];
    if (differing === undefined || counterpart === undefined) return one.length - other.length;
    return compare(operator, differing, counterpart);
  }
  throw typeError(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

function itemsOf(value: PyValue): readonly PyValue[] | undefined {
  return Array.isArray(value) ? value : value instanceof PyTuple ? value.items : undefined;
}

function compareNumbers(left: bigint | number, right: bigint | number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** By code points, which is not the order of UTF-16 units. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [one, other] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (one === other) continue;
    const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
    if (isSurrogate(one) !== isSurrogate(other)) return isSurrogate(one) ? 1 : -1;
    return one - other;
  }
  return left.length - right.length;
}

function setOrdered(operator: Ordering, left: PySet, right: PySet): boolean {
  const [small, large] = operator.startsWith('<') ? [left, right] : [right, left];
  const isSubset = [...small.members.keys()].every((key) => large.members.has(key));
  return isSubset && (operator.length === 2 || small.members.size < large.members.size);
}

export function sortValues(values: PyValue[], keyOf: (value: PyValue) => PyValue, isReversed: boolean): PyValue[] {
  const keyed = values.map((value) => ({ value, key: keyOf(value) }));
  // a reversed sort keeps equal elements in their order too
  keyed.sort((left, right) => {
    if (ordered('<', left.key, right.key)) return isReversed ? 1 : -1;
    return ordered('<', right.key, left.key) ? (isReversed ? -1 : 1) : 0;
  });
  return keyed.map(({ value }) => value);
}

/** What a loop over the value visits. @throws TypeError (Python's) */
export function iterate(value: PyValue): Iterable<PyValue> {
  if (Array.isArray(value) || typeof value === 'string' || value instanceof PyIterator) return value;
  if (value instanceof PyTuple) return value.items;
  if (value instanceof PyDict) return dictKeys(value);
  if (value instanceof PySet) return value.members.values();
  if (value instanceof PyRange) return rangeValues(value);
  if (value instanceof PyBytes) return Array.from(value.bytes, BigInt);
  throw typeError(`'${typeName(value)}' object is not iterable`);
}

function* dictKeys(dict: PyDict): Generator<PyValue> {
  const { size } = dict;
  for (const { key } of dict.entries()) {
    if (dict.size !== size) throw new PythonException('RuntimeError', 'dictionary changed size during iteration');
    yield key;
  }
}

function* rangeValues({ start, step, length }: PyRange): Generator<PyValue> {
  for (let index = 0n; index < length; index++) yield start + index * step;
}

/** Python's `item in container`. @throws TypeError (Python's) */
export function contains(container: PyValue, item: PyValue): boolean {
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof PyDict || container instanceof PySet) return container.has(item);
  if (container instanceof PyRange && typeof item === 'bigint') {
    const offset = item - container.start;
    return (
      offset % container.step === 0n && offset / container.step >= 0n && offset / container.step < container.length
    );
  }
  if (!(container instanceof PyObject) && !Array.isArray(container))
    throw typeError(`argument of type '${typeName(container)}' is not iterable`);
  for (const each of iterate(container)) if (equal(each, item)) return true;
  return false;
}

/** Python's `left is right`: numbers and texts are taken to be the same where they are equal. */
export function identical(left: PyValue, right: PyValue): boolean {
  return left === right;
}

export function lengthOf(value: PyValue): bigint {
  if (typeof value === 'string') return BigInt(textLength(value));
  if (Array.isArray(value)) return BigInt(value.length);
  if (value instanceof PyTuple) return BigInt(value.items.length);
  if (value instanceof PyDict) return BigInt(value.size);
  if (value instanceof PySet) return BigInt(value.members.size);
  if (value instanceof PyRange) return value.length;
  if (value instanceof PyBytes) return BigInt(value.bytes.length);
  throw typeError(`object of type '${typeName(value)}' has no len()`);
}

const SURROGATES = /[\uD800-\uDFFF]/;

/** In code points, as Python counts. */
export function textLength(text: string): number {
  return SURROGATES.test(text) ? Array.from(text).length : text.length;
}
