/** Methods of lists, tuples, dicts, sets and numbers. */
import { contains, equal, iterate, sortValues } from '../values/compare.js';
import { ConfigDict } from '../values/config-dict.js';
import { deepCopy } from '../values/copy.js';
import { PyDict, PySet } from '../values/dict.js';
import { indexError, keyError, typeError, valueError } from '../values/exception.js';
import { repr } from '../values/repr.js';
import { type NativeCall, PyIterator, PyTuple, type PyValue } from '../values/value.js';
import { bind, integerArgument } from './bind.js';
import { mergeConfigDict } from './merge-method.js';
import type { Method } from './methods-text.js';

const nothing = (act: () => unknown): null => {
  act();
  return null;
};

function listIndex(items: readonly PyValue[], value: PyValue): bigint {
  const at = items.findIndex((item) => equal(item, value));
  if (at === -1) throw valueError(`${repr(value)} is not in list`);
  return BigInt(at);
}

function count(items: readonly PyValue[], value: PyValue): bigint {
  return BigInt(items.filter((item) => equal(item, value)).length);
}

function allocated(values: Iterable<PyValue>, { host }: NativeCall): PyValue[] {
  return Array.from(values, (value) => {
    host.allocate(1);
    return value;
  });
}

export const listMethods: Readonly<Record<string, Method<PyValue[]>>> = {
  append: (self, call) => {
    const [value = null] = bind('append', call, ['object']);
    call.host.allocate(1);
    return nothing(() => self.push(value));
  },
  extend: (self, call) => {
    const [values = null] = bind('extend', call, ['iterable']);
    return nothing(() => {
      for (const value of allocated(iterate(values), call)) self.push(value);
    });
  },
  insert: (self, call) => {
    const [index, value = null] = bind('insert', call, ['index', 'object']);
    call.host.allocate(1);
    return nothing(() => self.splice(Number(integerArgument(index, 0n)), 0, value));
  },
  pop: (self, call) => {
    const [index] = bind('pop', call, ['index?']);
    const at = Number(integerArgument(index, -1n));
    const [value] = self.splice(at < 0 ? at + self.length : at, at < -self.length ? 0 : 1);
    if (value === undefined) throw indexError(self.length === 0 ? 'pop from empty list' : 'pop index out of range');
    return value;
  },
  remove: (self, call) =>
    nothing(() => self.splice(Number(listIndex(self, bind('remove', call, ['value'])[0] ?? null)), 1)),
  clear: (self) => nothing(() => self.splice(0)),
  reverse: (self) => nothing(() => self.reverse()),
  sort: (self, call) => {
    if (call.args.length > 0) throw typeError('sort() takes no positional arguments');
    const [key = null, reverse = false] = bind('sort', call, ['key?', 'reverse?']);
    const sorted = sortValues(
      self,
      (value) => (key === null ? value : call.host.call(key, [value])),
      reverse !== false && reverse !== 0n,
    );
    return nothing(() => self.splice(0, self.length, ...sorted));
  },
  copy: (self, call) => allocated(self, call),
  index: (self, call) => listIndex(self, bind('index', call, ['value'])[0] ?? null),
  count: (self, call) => count(self, bind('count', call, ['value'])[0] ?? null),
};

export const tupleMethods: Readonly<Record<string, Method<PyTuple>>> = {
  index: (self, call) => listIndex(self.items, bind('index', call, ['value'])[0] ?? null),
  count: (self, call) => count(self.items, bind('count', call, ['value'])[0] ?? null),
};

/** The dict that the arguments of `dict(...)` or `.update(...)` describe. @throws TypeError, ValueError (Python's) */
export function dictFrom({ args, named, host }: NativeCall, name: string): PyDict {
  const dict = new PyDict();
  const [source] = args;
  if (args.length > 1) throw typeError(`${name} expected at most 1 argument, got ${args.length}`);
  if (source instanceof PyDict) for (const entry of source.entries()) dict.put(entry);
  else if (source !== undefined) for (const pair of iterate(source)) putPair(dict, pair);
  for (const [key, value] of named) dict.set(key, value);
  host.allocate(dict.size);
  return dict;
}

function putPair(dict: PyDict, pair: PyValue): void {
  const [key, value, ...rest] = iterate(pair);
  if (key === undefined || value === undefined || rest.length > 0)
    throw valueError('dictionary update sequence has elements of another length than 2');
  dict.set(key, value);
}

const items = (self: PyDict): PyTuple[] => Array.from(self.entries(), ({ key, value }) => new PyTuple([key, value]));

export const dictMethods: Readonly<Record<string, Method<PyDict>>> = {
  keys: (self) => new PyView('dict_keys', self, () => self.keys()),
  values: (self) => new PyView('dict_values', self, () => self.values()),
  items: (self) => new PyView('dict_items', self, () => items(self)),
  get: (self, call) => {
    const [key = null, otherwise = null] = bind('get', call, ['key', 'default?']);
    const value = self.get(key);
    return value === undefined ? otherwise : value;
  },
  pop: (self, call) => {
    const [key = null, otherwise] = bind('pop', call, ['key', 'default?']);
    const value = self.get(key);
    self.delete(key);
    if (value !== undefined) return value;
    if (otherwise !== undefined) return otherwise;
    if (self instanceof ConfigDict) return null; // as the reference has it
    throw keyError(repr(key));
  },
  popitem: (self) => {
    const last = [...self.entries()].at(-1);
    if (last === undefined) throw keyError('popitem(): dictionary is empty');
    self.delete(last.key);
    return new PyTuple([last.key, last.value]);
  },
  setdefault: (self, call) => {
    const [key = null, otherwise = null] = bind('setdefault', call, ['key', 'default?']);
    if (!self.has(key)) self.set(key, otherwise);
    return self.at(key);
  },
  update: (self, call) =>
    nothing(() => {
      const other = dictFrom(call, 'update');
      if (self instanceof ConfigDict) self.update(other);
      else for (const entry of other.entries()) self.put(entry);
    }),
  clear: (self) => nothing(() => self.clear()),
  copy: (self, call) => {
    call.host.allocate(self.size);
    return self.copy();
  },
};

/** What only MMEngine's dicts have. */
export const configDictMethods: Readonly<Record<string, Method<ConfigDict>>> = {
  merge: (self, call) => {
    const [other = null] = bind('merge', call, ['other']);
    return nothing(() => mergeConfigDict(self, other, call.host));
  },
  to_dict: (self) => plain(self),
  deepcopy: (self, call) => deepCopy(self, call.host),
};

function plain(value: PyValue): PyValue {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof PyTuple) return new PyTuple(value.items.map(plain));
  if (!(value instanceof PyDict)) return value;
  const dict = new PyDict();
  for (const entry of value.entries()) dict.put({ ...entry, value: plain(entry.value) });
  return dict;
}

/** `d.keys()` and its like: shows the dict as it is when it is looked at. */
class PyView extends PyIterator {
  constructor(name: string, dict: PyDict, values: () => PyValue[]) {
    super(name, [][Symbol.iterator]());
    this.#values = values;
    this.size = () => dict.size;
  }
  readonly #values: () => PyValue[];
  readonly size: () => number;

  override *[Symbol.iterator](): Iterator<PyValue> {
    yield* this.#values();
  }
}

function others({ args }: NativeCall): PySet {
  return new PySet(args.flatMap((each) => [...iterate(each)]));
}

export const setMethods: Readonly<Record<string, Method<PySet>>> = {
  add: (self, call) => nothing(() => self.add(bind('add', call, ['element'])[0] ?? null)),
  discard: (self, call) => nothing(() => removeMember(self, call)),
  remove: (self, call) => {
    if (!removeMember(self, call)) throw keyError(repr(call.args[0] ?? null));
    return null;
  },
  clear: (self) => nothing(() => self.members.clear()),
  copy: (self) => new PySet(self.members.values(), self.isFrozen),
  update: (self, call) => nothing(() => others(call).members.forEach((value) => self.add(value))),
  union: (self, call) => new PySet([...self.members.values(), ...others(call).members.values()], self.isFrozen),
  intersection: (self, call) =>
    new PySet(
      [...self.members.values()].filter((value) => call.args.every((each) => contains(each, value))),
      self.isFrozen,
    ),
  difference: (self, call) =>
    new PySet(
      [...self.members.values()].filter((value) => !others(call).has(value)),
      self.isFrozen,
    ),
  issubset: (self, call) => [...self.members.values()].every((value) => others(call).has(value)),
  issuperset: (self, call) => [...others(call).members.values()].every((value) => self.has(value)),
  isdisjoint: (self, call) => ![...others(call).members.values()].some((value) => self.has(value)),
};

function removeMember(self: PySet, call: NativeCall): boolean {
  const [value = null] = bind('remove', call, ['element']);
  const key = [...self.members].find(([, member]) => equal(member, value))?.[0];
  return key !== undefined && self.members.delete(key);
}

export const numberMethods: Readonly<Record<string, Method<number | bigint>>> = {
  is_integer: (self) => typeof self === 'bigint' || Number.isInteger(self),
  bit_length: (self) => BigInt(self === 0n ? 0 : (self < 0 ? -self : self).toString(2).length),
  conjugate: (self) => self,
};

export { PyView };
