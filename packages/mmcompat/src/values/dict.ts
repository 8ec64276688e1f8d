import { keyError, type Site, typeError } from './exception.js';
import { PyBytes, PyObject, PyRange, PyTuple, type PyValue, typeName } from './value.js';

/** What stands for a key in a JavaScript map: equal for keys that Python holds equal, `1`, `1.0` and `True` among them. */
export type HashKey = string | bigint | number | null | object;

/** @throws TypeError (Python's) for values that can change */
export function hashKey(value: PyValue): HashKey {
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
  if (typeof value === 'bigint' || value === null) return value;
  if (typeof value === 'boolean') return BigInt(value);
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (value instanceof PyTuple) return `\0t${value.items.map(composedKey).join('\0,')}\0)`;
  if (value instanceof PyBytes) return `\0b${value.bytes.join(',')}`;
  if (value instanceof PyRange) return `\0r${value.start},${value.stop},${value.step}`;
  if (value instanceof PySet && value.isFrozen)
    return `\0f${[...value.members.values()].map(composedKey).sort().join('\0,')}`;
  if (Array.isArray(value) || value instanceof PyDict || value instanceof PySet)
    throw typeError(`unhashable type: '${typeName(value)}'`);
  return value;
}

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function composedKey(value: PyValue): string {
  const key = hashKey(value);
  if (typeof key === 'object' && key !== null) {
    let identity = identities.get(key);
    if (identity === undefined) identities.set(key, (identity = ++lastIdentity));
    return `o${identity}`;
  }
  return `${typeof key === 'string' ? 's' : 'n'}${String(key)}`;
}

/** One key of a dict. */
export interface DictEntry {
  readonly key: PyValue;
  readonly value: PyValue;
  /** Where it was written. */
  readonly site: Site | undefined;
  /** The entry of a base that this one took the place of. */
  readonly overrode?: DictEntry | undefined;
}

export class PyDict extends PyObject {
  readonly typeName: string = 'dict';
  readonly #entries = new Map<HashKey, DictEntry>();

  get size(): number {
    return this.#entries.size;
  }

  has(key: PyValue): boolean {
    return this.#entries.has(hashKey(key));
  }

  get(key: PyValue): PyValue | undefined {
    return this.#entries.get(hashKey(key))?.value;
  }

  entry(key: PyValue): DictEntry | undefined {
    return this.#entries.get(hashKey(key));
  }

  set(key: PyValue, value: PyValue, site?: Site): void {
    this.put({ key, value, site });
  }

  /** Keeps the key that is there, as Python does: `{1: a, True: b}` is `{1: b}`. */
  put(entry: DictEntry): void {
    const hash = hashKey(entry.key);
    const present = this.#entries.get(hash);
    this.#entries.set(
      hash,
      present === undefined || present.key === entry.key ? entry : { ...entry, key: present.key },
    );
  }

  delete(key: PyValue): boolean {
    return this.#entries.delete(hashKey(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  entries(): IterableIterator<DictEntry> {
    return this.#entries.values();
  }

  /** The keys as they are now: changing the dict does not disturb. */
  keys(): PyValue[] {
    return Array.from(this.#entries.values(), ({ key }) => key);
  }

  values(): PyValue[] {
    return Array.from(this.#entries.values(), ({ value }) => value);
  }

  /** @throws KeyError (Python's) */
  at(key: PyValue): PyValue {
    const entry = this.#entries.get(hashKey(key));
    if (entry === undefined) throw keyError(typeof key === 'string' ? `'${key}'` : String(key));
    return entry.value;
  }

  copy(): PyDict {
    const copy = new PyDict();
    for (const entry of this.#entries.values()) copy.put(entry);
    return copy;
  }
}

export class PySet extends PyObject {
  readonly typeName: string;
  readonly isFrozen: boolean;
  readonly members = new Map<HashKey, PyValue>();

  constructor(values: Iterable<PyValue> = [], isFrozen = false) {
    super();
    this.isFrozen = isFrozen;
    this.typeName = isFrozen ? 'frozenset' : 'set';
    for (const value of values) this.add(value);
  }

  add(value: PyValue): void {
    const hash = hashKey(value);
    if (!this.members.has(hash)) this.members.set(hash, value);
  }

  has(value: PyValue): boolean {
    return this.members.has(hashKey(value));
  }
}
