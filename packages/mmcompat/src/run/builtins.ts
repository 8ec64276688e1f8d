/** The functions that every config can use without an import, and all names that need none. */

import { binary, unary } from '../values/arithmetic.js';
import { iterate, lengthOf, ordered, sortValues, truth } from '../values/compare.js';
import { roundFloat } from '../values/decimal.js';
import { PythonException, typeError, valueError } from '../values/exception.js';
import { format } from '../values/format.js';
import { ascii, repr } from '../values/repr.js';
import {
  asInteger,
  asNumber,
  ELLIPSIS,
  type NativeCall,
  PyIterator,
  PyNative,
  PyTuple,
  PyType,
  type PyValue,
  typeName,
} from '../values/value.js';
import { getAttribute } from './attributes.js';
import { bind, integerArgument, textArgument } from './bind.js';
import { byName, collected, isInstance, type Run, types, visited } from './builtin-types.js';
import { PyFunction } from './function.js';
import { PyView } from './methods-collection.js';

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
