/** `value[index]`: reading, writing, deleting. */
import { ConfigDict } from './config-dict.js';
import { PyDict } from './dict.js';
import { indexError, type Site, typeError, valueError } from './exception.js';
import { asInteger, PyBytes, PyObject, PyRange, PyTuple, type PyValue, typeName } from './value.js';

/** `lower:upper:step` */
export class PySlice extends PyObject {
  readonly typeName = 'slice';
  readonly bounds: readonly [PyValue, PyValue, PyValue];

  constructor(lower: PyValue, upper: PyValue, step: PyValue) {
    super();
    this.bounds = [lower, upper, step];
  }

  /** The indices into a sequence of that length. */
  indices(length: number): number[] {
    const [lower, upper, step] = this.bounds.map(bound);
    const by = step ?? 1n;
    if (by === 0n) throw valueError('slice step cannot be zero');
    const size = BigInt(length);
    const [low, high] = by > 0n ? [0n, size] : [-1n, size - 1n];
    const clamp = (value: bigint) => {
      const absolute = value < 0n ? value + size : value;
      return absolute < low ? low : absolute > high ? high : absolute;
    };
    const start = lower === undefined ? (by > 0n ? low : high) : clamp(lower);
    const stop = upper === undefined ? (by > 0n ? high : low) : clamp(upper);
    const indices: number[] = [];
    for (let at = start; by > 0n ? at < stop : at > stop; at += by) indices.push(Number(at));
    return indices;
  }
}

function bound(value: PyValue): bigint | undefined {
  if (value === null) return undefined;
  const integer = asInteger(value);
  if (integer === undefined) throw typeError('slice indices must be integers or None or have an __index__ method');
  return integer;
}

/** @throws TypeError, IndexError, KeyError (Python's) */
export function getItem(container: PyValue, index: PyValue): PyValue {
  if (container instanceof PyDict) return container.at(index);
  if (typeof container === 'string') {
    const characters = /[\uD800-\uDFFF]/.test(container) ? Array.from(container) : container;
    if (index instanceof PySlice)
      return index
        .indices(characters.length)
        .map((at) => characters[at] ?? '')
        .join('');
    return characters[position(index, characters.length, 'string')] ?? '';
  }
  if (container instanceof PyRange) {
    const at = asInteger(index);
    if (at === undefined) throw typeError('range indices must be integers');
    const offset = at < 0n ? at + container.length : at;
    if (offset < 0n || offset >= container.length) throw indexError('range object index out of range');
    return container.start + offset * container.step;
  }
  if (container instanceof PyBytes)
    return BigInt(container.bytes[position(index, container.bytes.length, 'bytes')] ?? 0);
  const items = Array.isArray(container) ? container : container instanceof PyTuple ? container.items : undefined;
  if (items === undefined) throw typeError(`'${typeName(container)}' object is not subscriptable`);
  if (!(index instanceof PySlice)) return items[position(index, items.length, typeName(container))] ?? null;
  const chosen = index.indices(items.length).map((at) => items[at] ?? null);
  return Array.isArray(container) ? chosen : new PyTuple(chosen);
}

function position(index: PyValue, length: number, what: string): number {
  const integer = asInteger(index);
  if (integer === undefined) throw typeError(`${what} indices must be integers or slices, not ${typeName(index)}`);
  const at = integer < 0n ? integer + BigInt(length) : integer;
  if (at < 0n || at >= BigInt(length)) throw indexError(`${what} index out of range`);
  return Number(at);
}

/** @throws TypeError, IndexError (Python's) */
export function setItem(
  container: PyValue,
  item: { readonly index: PyValue; readonly value: PyValue; readonly site?: Site },
  iterateValue: (value: PyValue) => PyValue[],
): void {
  const { index, value, site } = item;
  if (container instanceof PyDict)
    container.put({
      key: index,
      value,
      site,
      overrode: container instanceof ConfigDict ? container.entry(index) : undefined,
    });
  else if (!Array.isArray(container))
    throw typeError(`'${typeName(container)}' object does not support item assignment`);
  else if (index instanceof PySlice) setSlice(container, index, iterateValue(value));
  else container[position(index, container.length, 'list assignment')] = value;
}

function setSlice(list: PyValue[], slice: PySlice, values: PyValue[]): void {
  const indices = slice.indices(list.length);
  const [, , step] = slice.bounds;
  if (step === null || step === 1n) {
    const [lower] = slice.bounds.map(bound);
    const size = list.length;
    const wanted = lower === undefined ? 0 : Number(lower < 0n ? lower + BigInt(size) : lower);
    list.splice(indices[0] ?? Math.min(Math.max(wanted, 0), size), indices.length, ...values);
    return;
  }
  if (indices.length !== values.length)
    throw valueError(`attempt to assign sequence of size ${values.length} to extended slice of size ${indices.length}`);
  for (const [at, index] of indices.entries()) list[index] = values[at] ?? null;
}

/** @throws TypeError, IndexError, KeyError (Python's) */
export function deleteItem(container: PyValue, index: PyValue): void {
  if (container instanceof PyDict) {
    container.at(index);
    container.delete(index);
  } else if (!Array.isArray(container))
    throw typeError(`'${typeName(container)}' object doesn't support item deletion`);
  else if (index instanceof PySlice)
    for (const at of index.indices(container.length).sort((left, right) => right - left)) container.splice(at, 1);
  else container.splice(position(index, container.length, 'list assignment'), 1);
}
