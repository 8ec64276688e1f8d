import { binary } from '../values/arithmetic.js';
import { iterate } from '../values/compare.js';
import { type NativeCall, PyIterator, PyNative, PyTuple, PyType, type PyValue } from '../values/value.js';
import { bind, integerArgument } from './bind.js';

type Make = (name: string, run: (call: NativeCall) => PyValue) => readonly [string, PyValue];

function* chained(values: Iterable<PyValue>, { host }: NativeCall): Generator<PyValue> {
  for (const each of values)
    for (const value of iterate(each)) {
      host.step();
      yield value;
    }
}

function* product(pools: readonly (readonly PyValue[])[], call: NativeCall): Generator<PyValue> {
  const [pool, ...rest] = pools;
  if (pool === undefined) {
    call.host.step();
    yield new PyTuple([]);
    return;
  }
  for (const value of pool) for (const others of product(rest, call)) yield new PyTuple([value, ...iterate(others)]);
}

interface Choice {
  readonly count: number;
  readonly isOrdered: boolean;
  readonly host: NativeCall['host'];
}

function* chosen(pool: readonly PyValue[], choice: Choice): Generator<PyValue[]> {
  const { count, isOrdered, host } = choice;
  if (count === 0) {
    yield [];
    return;
  }
  for (const [index, value] of pool.entries()) {
    const rest = isOrdered ? [...pool.slice(0, index), ...pool.slice(index + 1)] : pool.slice(index + 1);
    host.allocate(rest.length);
    for (const others of chosen(rest, { ...choice, count: count - 1 })) {
      host.allocate(count);
      yield [value, ...others];
    }
  }
}

function* tuples(groups: Iterable<PyValue[]>, { host }: NativeCall): Generator<PyValue> {
  for (const group of groups) {
    host.step();
    yield new PyTuple(group);
  }
}

function* repeated(value: PyValue, times: bigint | undefined, { host }: NativeCall): Generator<PyValue> {
  let left = times ?? -1n;
  while (left !== 0n) {
    host.step();
    left -= 1n;
    yield value;
  }
}

function* counted(start: PyValue, step: PyValue, { host }: NativeCall): Generator<PyValue> {
  for (let value = start; ; value = binary('+', [value, step], host)) {
    host.step();
    yield value;
  }
}

function* accumulated(call: NativeCall): Generator<PyValue> {
  const [values = null, callee = null] = bind('accumulate', call, ['iterable', 'func?']);
  let total: PyValue | undefined;
  for (const value of iterate(values)) {
    total =
      total === undefined
        ? value
        : callee === null
          ? binary('+', [total, value], call.host)
          : call.host.call(callee, [total, value]);
    yield total;
  }
}

function* sliced(call: NativeCall): Generator<PyValue> {
  const [values = null, first = null, second, third = null] = bind('islice', call, [
    'iterable',
    'start',
    'stop?',
    'step?',
  ]);
  const [start, stop] = second === undefined ? [null, first] : [first, second];
  const at = (value: PyValue, otherwise: bigint) => (value === null ? otherwise : integerArgument(value, 0n));
  const [from, to, by] = [at(start, 0n), at(stop, 1n << 62n), at(third, 1n)];
  let index = 0n;
  if (to <= 0n) return;
  for (const value of iterate(values)) {
    if (index >= from && (index - from) % by === 0n) yield value;
    index += 1n;
    if (index >= to) return;
  }
}

function* zippedLongest({ args, named, host }: NativeCall): Generator<PyValue> {
  const iterators = args.map((value) => iterate(value)[Symbol.iterator]());
  const fill = named.get('fillvalue') ?? null;
  for (;;) {
    host.step();
    const results = iterators.map((iterator) => iterator.next());
    if (results.every(({ done }) => done)) return;
    yield new PyTuple(results.map((result) => (result.done === true ? fill : result.value)));
  }
}

/** The members of `itertools`. */
export function itertools(native: Make): (readonly [string, PyValue])[] {
  const lazily = (name: string, values: (call: NativeCall) => Iterator<PyValue>) =>
    native(name, (call) => new PyIterator(name, values(call)));
  const fromIterable = new PyNative('from_iterable', (call) => {
    const [values = null] = bind('from_iterable', call, ['iterable']);
    return new PyIterator('itertools.chain', chained(iterate(values), call));
  });
  const pool = (call: NativeCall, name: string) => {
    const [values = null, count] = bind(name, call, ['iterable', 'r?']);
    const items = [...iterate(values)];
    return { items, count: Number(integerArgument(count, BigInt(items.length))) };
  };
  return [
    [
      'chain',
      new PyType(
        'itertools.chain',
        (call) => new PyIterator('itertools.chain', chained(call.args, call)),
        new Map([['from_iterable', fromIterable]]),
      ),
    ],
    lazily('product', (call) => {
      const times = Number(integerArgument(call.named.get('repeat'), 1n));
      const pools = call.args.map((values) => [...iterate(values)]);
      call.host.allocate(times * pools.length);
      return product(Array.from({ length: times }, () => pools).flat(), call);
    }),
    lazily('combinations', (call) => {
      const { items, count } = pool(call, 'combinations');
      return tuples(chosen(items, { count, isOrdered: false, host: call.host }), call);
    }),
    lazily('permutations', (call) => {
      const { items, count } = pool(call, 'permutations');
      return tuples(chosen(items, { count, isOrdered: true, host: call.host }), call);
    }),
    lazily('repeat', (call) => {
      const [value = null, times] = bind('repeat', call, ['object', 'times?']);
      const count = times === undefined ? undefined : integerArgument(times, 0n);
      return repeated(value, count !== undefined && count < 0n ? 0n : count, call);
    }),
    lazily('count', (call) => {
      const [start = 0n, step = 1n] = bind('count', call, ['start?', 'step?']);
      return counted(start, step, call);
    }),
    lazily('accumulate', accumulated),
    lazily('islice', sliced),
    lazily('zip_longest', zippedLongest),
  ];
}
