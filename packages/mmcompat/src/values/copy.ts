import { ConfigDict } from './config-dict.js';
import { PyDict, PySet } from './dict.js';
import { PythonException } from './exception.js';
import { type NativeHost, PyTuple, type PyValue } from './value.js';

/** Python's `copy.deepcopy`: what is shared inside stays shared, functions and types are not copied. */
export function deepCopy(value: PyValue, host: Pick<NativeHost, 'allocate'>): PyValue {
  return new Copier(host).copy(value, 0);
}

class Copier {
  readonly #host: Pick<NativeHost, 'allocate'>;
  readonly #made = new Map<object, PyValue>();

  constructor(host: Pick<NativeHost, 'allocate'>) {
    this.#host = host;
  }

  copy(value: PyValue, depth: number): PyValue {
    if (typeof value !== 'object' || value === null) return value;
    const made = this.#made.get(value);
    if (made !== undefined) return made;
    if (depth > 500) throw new PythonException('RuntimeError', 'the value is nested too deeply to be copied');
    if (Array.isArray(value)) {
      this.#host.allocate(value.length);
      const list: PyValue[] = [];
      this.#made.set(value, list);
      for (const item of value) list.push(this.copy(item, depth + 1));
      return list;
    }
    if (value instanceof PyDict) {
      this.#host.allocate(value.size);
      const dict = value instanceof ConfigDict ? new ConfigDict() : new PyDict();
      this.#made.set(value, dict);
      for (const entry of value.entries())
        dict.put({ ...entry, key: this.copy(entry.key, depth + 1), value: this.copy(entry.value, depth + 1) });
      return dict;
    }
    if (value instanceof PyTuple) {
      this.#host.allocate(value.items.length);
      const tuple = new PyTuple(value.items.map((item) => this.copy(item, depth + 1)));
      this.#made.set(value, tuple);
      return tuple;
    }
    return value instanceof PySet ? new PySet(value.members.values(), value.isFrozen) : value;
  }
}
