/** The types that every config can use without an import. */

import { toFloat } from '../values/arithmetic.js';
import { iterate, truth } from '../values/compare.js';
import { PyDict, PySet } from '../values/dict.js';
import { EXCEPTION_PARENTS, PythonException, typeError, valueError } from '../values/exception.js';
import { PySlice } from '../values/items.js';
import { repr, str } from '../values/repr.js';
import {
  asInteger,
  asNumber,
  type NativeCall,
  PyBytes,
  PyError,
  PyNative,
  PyRange,
  PyTuple,
  PyType,
  type PyValue,
  typeName,
} from '../values/value.js';
import { bind, integerArgument } from './bind.js';
import { dictFrom } from './methods-collection.js';
import { parseFloatText, parseIntegerText } from './parse-number.js';

export type Run = (call: NativeCall) => PyValue;

export function* visited({ host }: NativeCall, value: PyValue): Generator<PyValue> {
  for (const each of iterate(value)) {
    host.step();
    yield each;
  }
}

export function collected(call: NativeCall, value: PyValue | undefined): PyValue[] {
  const values: PyValue[] = [];
  if (value === undefined) return values;
  for (const each of visited(call, value)) {
    call.host.allocate(1);
    values.push(each);
  }
  return values;
}

const makeList: Run = (call) => collected(call, bind('list', call, ['iterable?'])[0]);
const makeTuple: Run = (call) => new PyTuple(collected(call, bind('tuple', call, ['iterable?'])[0]));
const makeSet =
  (isFrozen: boolean): Run =>
  (call) =>
    new PySet(collected(call, bind('set', call, ['iterable?'])[0]), isFrozen);

const makeInteger: Run = (call) => {
  const [value = 0n, base] = bind('int', call, ['x?', 'base?']);
  if (typeof value === 'string') return parseIntegerText(value, Number(integerArgument(base, 10n)));
  if (typeof value !== 'number') return integerArgument(value, 0n);
  if (!Number.isFinite(value))
    throw new PythonException(
      Number.isNaN(value) ? 'ValueError' : 'OverflowError',
      `cannot convert float ${repr(value)} to integer`,
    );
  return BigInt(Math.trunc(value));
};

const makeFloat: Run = (call) => {
  const [value = 0] = bind('float', call, ['x?']);
  if (typeof value === 'string') {
    const float = parseFloatText(value);
    if (float === undefined) throw valueError(`could not convert string to float: ${repr(value)}`);
    return float;
  }
  const number = asNumber(value);
  if (number === undefined)
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  return toFloat(number);
};

const makeText: Run = (call) => {
  const [value = '', encoding] = bind('str', call, ['object?', 'encoding?', 'errors?']);
  const text = value instanceof PyBytes && encoding !== undefined ? new TextDecoder().decode(value.bytes) : str(value);
  call.host.allocate(text.length);
  return text;
};

const makeRange: Run = (call) => {
  const [first, second, third] = bind('range', call, ['start', 'stop?', 'step?']);
  const [start, stop] =
    second === undefined ? [0n, integerArgument(first, 0n)] : [integerArgument(first, 0n), integerArgument(second, 0n)];
  const step = integerArgument(third, 1n);
  if (step === 0n) throw valueError('range() arg 3 must not be zero');
  return new PyRange(start, stop, step);
};

const makeBytes: Run = (call) => {
  const [value] = bind('bytes', call, ['source?', 'encoding?']);
  if (typeof value === 'string') return new PyBytes(new TextEncoder().encode(value));
  return new PyBytes(Uint8Array.from(collected(call, value), (each) => Number(integerArgument(each, 0n))));
};

export const dictType = new PyType(
  'dict',
  (call) => dictFrom(call, 'dict'),
  new Map([['fromkeys', new PyNative('fromkeys', fromKeys)]]),
);

function fromKeys(call: NativeCall): PyDict {
  const [keys = null, value = null] = bind('fromkeys', call, ['iterable', 'value?']);
  const dict = new PyDict();
  for (const key of visited(call, keys)) dict.set(key, value);
  return dict;
}

export const types: readonly PyType[] = [
  dictType,
  new PyType('list', makeList),
  new PyType('tuple', makeTuple),
  new PyType('set', makeSet(false)),
  new PyType('frozenset', makeSet(true)),
  new PyType('int', makeInteger),
  new PyType('float', makeFloat),
  new PyType('bool', (call) => truth(bind('bool', call, ['x?'])[0] ?? null)),
  new PyType('str', makeText),
  new PyType('bytes', makeBytes),
  new PyType('range', makeRange),
  new PyType('slice', (call) => {
    const [first = null, second, step = null] = bind('slice', call, ['start', 'stop?', 'step?']);
    return second === undefined ? new PySlice(null, first, null) : new PySlice(first, second, step);
  }),
  new PyType('object'),
  new PyType('complex'),
  new PyType('type', (call) => typeOf(bind('type', call, ['object'])[0] ?? null)),
  ...[...Object.keys(EXCEPTION_PARENTS), 'BaseException'].map(
    (name) => new PyType(name, ({ args }) => new PyError(name, args.map(str).join(', '))),
  ),
];

export const byName = new Map(types.map((type) => [type.name, type]));

function typeOf(value: PyValue): PyType {
  return byName.get(typeName(value)) ?? new PyType(typeName(value));
}

export function isInstance(value: PyValue, type: PyValue): boolean {
  if (type instanceof PyTuple) return type.items.some((each) => isInstance(value, each));
  if (!(type instanceof PyType)) throw typeError('isinstance() arg 2 must be a type or a tuple of types');
  if (type.name === 'object') return true;
  if (type.name === 'dict') return value instanceof PyDict;
  if (type.name === 'int') return asInteger(value) !== undefined;
  if (value instanceof PyError)
    return new PythonException(value.typeName as 'Exception', '').is(type.name as 'Exception');
  return typeName(value) === type.name;
}
