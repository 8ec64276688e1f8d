/** The encoding of Python values in the golden data of configs (its README tells it), read back and compared. */
import { canonicalJson, LazyObject, PyDict, PySet, PyTuple, type PyValue } from '@engine/mmcompat';

/** The value that an encoded one stands for. */
export function decoded(value: PyValue): PyValue {
  if (Array.isArray(value)) return value.map(decoded);
  if (!(value instanceof PyDict)) return value;
  const [first] = value.entries();
  if (value.size === 1 && first !== undefined && Array.isArray(first.value)) {
    const items = first.value.map(decoded);
    if (first.key === '__tuple__') return new PyTuple(items);
    if (first.key === '__set__') return new PySet(items);
    if (first.key === '__dict__') return dictOf(items);
  }
  if (value.size === 1 && first?.key === '__float__') return Number(String(first.value).replace('inf', 'Infinity'));
  if (value.size === 1 && first?.key === '__lazy__') return new LazyObject([String(first.value)]);
  const dict = new PyDict();
  for (const entry of value.entries()) dict.put({ ...entry, value: decoded(entry.value) });
  return dict;
}

function dictOf(pairs: readonly PyValue[]): PyDict {
  const dict = new PyDict();
  for (const pair of pairs) if (Array.isArray(pair)) dict.set(pair[0] ?? null, pair[1] ?? null);
  return dict;
}

/** The first place where two encoded values differ, as `path: expected ..., got ...`; the text of a `__repr__` does not matter. */
export function firstDifference(expected: PyValue, actual: PyValue, path = ''): string | undefined {
  const differing = () => `${path === '' ? '.' : path}: expected ${short(expected)}, got ${short(actual)}`;
  if (expected instanceof PyDict && actual instanceof PyDict) {
    if (expected.has('__repr__') && actual.has('__repr__')) return undefined;
    const missing = expected.keys().find((key) => !actual.has(key));
    if (missing !== undefined) return `${path}.${String(missing)}: missing (expected ${short(expected.at(missing))})`;
    const surplus = actual.keys().find((key) => !expected.has(key));
    if (surplus !== undefined) return `${path}.${String(surplus)}: not expected (got ${short(actual.at(surplus))})`;
    return firstOf([...expected.entries()], ({ key, value }) =>
      firstDifference(value, actual.at(key), `${path}.${String(key)}`),
    );
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return `${path}: ${expected.length} items expected, got ${actual.length}`;
    return firstOf([...expected.keys()], (index) =>
      firstDifference(expected[index] ?? null, actual[index] ?? null, `${path}[${index}]`),
    );
  }
  return typeof expected === typeof actual && canonicalJson(expected) === canonicalJson(actual)
    ? undefined
    : differing();
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function short(value: PyValue): string {
  const text = canonicalJson(value);
  return text.length > 70 ? `${text.slice(0, 67)}...` : text;
}
