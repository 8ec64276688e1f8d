/** The functions and types that every config can use without an import. */

import { binary, toFloat, unary } from '../values/arithmetic.js';
import { iterate, lengthOf, ordered, sortValues, truth } from '../values/compare.js';
import { roundFloat } from '../values/decimal.js';
import { PyDict, PySet } from '../values/dict.js';
import { EXCEPTION_PARENTS, PythonException, typeError, valueError } from '../values/exception.js';
import { format } from '../values/format.js';
import { PySlice } from '../values/items.js';
import { ascii, repr, str } from '../values/repr.js';
import {
  asInteger,
  asNumber,
  ELLIPSIS,
  type NativeCall,
  PyBytes,
  PyError,
  PyIterator,
  PyNative,
  PyRange,
  PyTuple,
  PyType,
  type PyValue,
  typeName,
} from '../values/value.js';
import { getAttribute } from './attributes.js';
import { bind, integerArgument, textArgument } from './bind.js';
import { PyFunction } from './function.js';
import { dictFrom, PyView } from './methods-collection.js';
import { parseFloatText, parseIntegerText } from './parse-number.js';

type Run = (call: NativeCall) => PyValue;

function* visited({ host }: NativeCall, value: PyValue): Generator<PyValue> {
  for (const each of iterate(value)) {
    host.step();
    yield each;
  }
}

function collected(call: NativeCall, value: PyValue | undefined): PyValue[] {
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

const types: readonly PyType[] = [
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

const byName = new Map(types.map((type) => [type.name, type]));

function typeOf(value: PyValue): PyType {
  return byName.get(typeName(value)) ?? new PyType(typeName(value));
}

function isInstance(value: PyValue, type: PyValue): boolean {
  if (type instanceof PyTuple) return type.items.some((each) => isInstance(value, each));
  if (!(type instanceof PyType)) throw typeError('isinstance() arg 2 must be a type or a tuple of types');
  if (type.name === 'object') return true;
  if (type.name === 'dict') return value instanceof PyDict;
  if (type.name === 'int') return asInteger(value) !== undefined;
  if (value instanceof PyError)
    return new PythonException(value.typeName as 'Exception', '').is(type.name as 'Exception');
  return typeName(value) === type.name;
}

function extreme(name: 'max' | 'min'): Run {
  return (call) => {
    const { args, named, host } = call;
    const key = named.get('key') ?? null;
    const [only] = args;
    const values = args.length === 1 && only !== undefined ? collected(call, only) : args;
    const keyOf = (value: PyValue) => (key === null ? value : host.call(key, [value]));
    let best = values[0];
    if (best === undefined) {
      const otherwise = named.get('default');
      if (otherwise === undefined) throw valueError(`${name}() arg is an empty sequence`);
      return otherwise;
    }
    let bestKey = keyOf(best);
    for (const value of values.slice(1)) {
      const valueKey = keyOf(value);
      if (!ordered(name === 'max' ? '>' : '<', valueKey, bestKey)) continue;
      best = value;
      bestKey = valueKey;
    }
    return best;
  };
}

const sum: Run = (call) => {
  const [values = null, start = 0n] = bind('sum', call, ['iterable', 'start?']);
  let total: PyValue = start;
  for (const value of visited(call, values)) total = binary('+', [total, value], call.host);
  return total;
};

const round: Run = (call) => {
  const [value = null, places = null] = bind('round', call, ['number', 'ndigits?']);
  const digits = places === null ? 0 : Number(integerArgument(places, 0n));
  if (typeof value === 'number') {
    if (places !== null) return roundFloat(value, digits);
    if (!Number.isFinite(value))
      throw new PythonException(
        Number.isNaN(value) ? 'ValueError' : 'OverflowError',
        `cannot convert float ${repr(value)} to integer`,
      );
    return BigInt(roundFloat(value, 0));
  }
  const integer = asInteger(value);
  if (integer === undefined) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  if (digits >= 0) return integer;
  return roundInteger(integer, 10n ** BigInt(Math.min(-digits, 5000)));
};

function roundInteger(value: bigint, unit: bigint): bigint {
  const rest = ((value % unit) + unit) % unit;
  const down = value - rest;
  if (rest * 2n === unit) return (down / unit) % 2n === 0n ? down : down + unit;
  return rest * 2n > unit ? down + unit : down;
}

function* zip(call: NativeCall): Generator<PyValue> {
  const iterators = call.args.map((value) => iterate(value)[Symbol.iterator]());
  while (iterators.length > 0) {
    call.host.step();
    const values: PyValue[] = [];
    for (const iterator of iterators) {
      const next = iterator.next();
      if (next.done === true) return;
      values.push(next.value);
    }
    yield new PyTuple(values);
  }
}

function* enumerated(call: NativeCall, value: PyValue, start: bigint): Generator<PyValue> {
  let index = start;
  for (const each of visited(call, value)) yield new PyTuple([index++, each]);
}

function* mapped({ args: [callee = null, ...sources], host }: NativeCall): Generator<PyValue> {
  for (const values of zip({ args: sources, named: new Map(), host })) yield host.call(callee, [...iterate(values)]);
}

function* filtered(call: NativeCall): Generator<PyValue> {
  const [test = null, values = null] = call.args;
  for (const value of visited(call, values))
    if (truth(test === null ? value : call.host.call(test, [value]))) yield value;
}

const getAttributeOr: Run = (call) => {
  const [value = null, name, otherwise] = bind('getattr', call, ['object', 'name', 'default?']);
  try {
    return getAttribute(value, textArgument('getattr', name));
  } catch (error) {
    if (otherwise !== undefined && error instanceof PythonException && error.is('AttributeError')) return otherwise;
    throw error;
  }
};

const hasAttribute: Run = (call) => {
  try {
    getAttributeOr(call);
    return true;
  } catch (error) {
    if (error instanceof PythonException && error.is('AttributeError')) return false;
    throw error;
  }
};

const next: Run = (call) => {
  const [iterator = null, otherwise] = bind('next', call, ['iterator', 'default?']);
  if (!(iterator instanceof PyIterator)) throw typeError(`'${typeName(iterator)}' object is not an iterator`);
  const result = iterator.values.next();
  if (result.done !== true) return result.value;
  if (otherwise !== undefined) return otherwise;
  throw new PythonException('StopIteration', '');
};

const radix = (name: string, base: number, prefix: string): readonly [string, Run] => [
  name,
  (call) => {
    const value = integerArgument(bind(name, call, ['number'])[0], 0n);
    return `${value < 0n ? '-' : ''}${prefix}${(value < 0n ? -value : value).toString(base)}`;
  },
];

const divmod: Run = (call) => {
  const [left = null, right = null] = bind('divmod', call, ['x', 'y']);
  return new PyTuple([binary('//', [left, right], call.host), binary('%', [left, right], call.host)]);
};

const functions: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['len', (call) => lengthOfValue(bind('len', call, ['obj'])[0] ?? null)],
  ['abs', (call) => absolute(bind('abs', call, ['x'])[0] ?? null)],
  ['max', extreme('max')],
  ['min', extreme('min')],
  ['sum', sum],
  ['round', round],
  [
    'pow',
    (call) => {
      const [base = null, exponent = null] = bind('pow', call, ['base', 'exp']);
      return binary('**', [base, exponent], call.host);
    },
  ],
  ['divmod', divmod],
  [
    'sorted',
    (call) => {
      const { named, host } = call;
      const key = named.get('key') ?? null;
      return sortValues(
        collected(call, call.args[0] ?? null),
        (value) => (key === null ? value : host.call(key, [value])),
        truth(named.get('reverse') ?? null),
      );
    },
  ],
  [
    'reversed',
    (call) =>
      new PyIterator(
        'reversed',
        collected(call, bind('reversed', call, ['sequence'])[0])
          .reverse()
          .values(),
      ),
  ],
  [
    'enumerate',
    (call) => {
      const [values = null, start] = bind('enumerate', call, ['iterable', 'start?']);
      return new PyIterator('enumerate', enumerated(call, values, integerArgument(start, 0n)));
    },
  ],
  ['zip', (call) => new PyIterator('zip', zip(call))],
  ['map', (call) => new PyIterator('map', mapped(call))],
  ['filter', (call) => new PyIterator('filter', filtered(call))],
  [
    'iter',
    (call) => {
      const value = bind('iter', call, ['iterable'])[0] ?? null;
      return value instanceof PyIterator && !(value instanceof PyView)
        ? value
        : new PyIterator('iterator', visited(call, value));
    },
  ],
  ['next', next],
  [
    'any',
    (call) => {
      for (const value of visited(call, bind('any', call, ['iterable'])[0] ?? null)) if (truth(value)) return true;
      return false;
    },
  ],
  [
    'all',
    (call) => {
      for (const value of visited(call, bind('all', call, ['iterable'])[0] ?? null)) if (!truth(value)) return false;
      return true;
    },
  ],
  [
    'isinstance',
    (call) => {
      const [value = null, type = null] = bind('isinstance', call, ['obj', 'class_or_tuple']);
      return isInstance(value, type);
    },
  ],
  [
    'callable',
    (call) => {
      const [value = null] = bind('callable', call, ['obj']);
      return value instanceof PyNative || value instanceof PyType || value instanceof PyFunction;
    },
  ],
  ['getattr', getAttributeOr],
  ['hasattr', hasAttribute],
  ['repr', (call) => repr(bind('repr', call, ['obj'])[0] ?? null)],
  ['ascii', (call) => ascii(bind('ascii', call, ['obj'])[0] ?? null)],
  [
    'format',
    (call) => {
      const [value = null, spec = ''] = bind('format', call, ['value', 'format_spec?']);
      return format(value, textArgument('format', spec));
    },
  ],
  [
    'chr',
    (call) => {
      const point = Number(integerArgument(bind('chr', call, ['i'])[0], 0n));
      if (point < 0 || point > 0x10ffff) throw valueError('chr() arg not in range(0x110000)');
      return String.fromCodePoint(point);
    },
  ],
  ['ord', (call) => BigInt(textArgument('ord', bind('ord', call, ['c'])[0]).codePointAt(0) ?? 0)],
  radix('bin', 2, '0b'),
  radix('oct', 8, '0o'),
  radix('hex', 16, '0x'),
  ['print', () => null],
]);

function lengthOfValue(value: PyValue): bigint {
  return value instanceof PyView ? BigInt(value.size()) : lengthOf(value);
}

function absolute(value: PyValue): PyValue {
  const number = asNumber(value);
  if (number === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  return number < 0 || Object.is(number, -0) ? unary('-', number) : number;
}

export const builtins: ReadonlyMap<string, PyValue> = new Map<string, PyValue>([
  ...types.map((type) => [type.name, type] as const),
  ...Array.from(functions, ([name, run]) => [name, new PyNative(name, run)] as const),
  ['IOError', byName.get('OSError') ?? null],
  ['Ellipsis', ELLIPSIS],
  ['NotImplemented', new PyType('NotImplementedType')],
]);
