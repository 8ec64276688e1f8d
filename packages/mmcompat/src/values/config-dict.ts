import { type DictEntry, PyDict } from './dict.js';
import { attributeError, type Site } from './exception.js';
import { PyTuple, type PyValue, typeName } from './value.js';

/** Names of MMEngine's `ConfigDict` that attribute access finds before keys, and that cannot be assigned as attributes. */
const OWN = new Set([
  'build_lazy',
  'clear',
  'copy',
  'deepcopy',
  'freeze',
  'fromkeys',
  'get',
  'items',
  'keys',
  'lazy',
  'merge',
  'pop',
  'popitem',
  'setdefault',
  'to_dict',
  'unfreeze',
  'update',
  'values',
]);

/** MMEngine's dict of a config: its keys are attributes too, and dicts that are put into it become such dicts. */
export class ConfigDict extends PyDict {
  override readonly typeName = 'ConfigDict';
  /** What `.scope` answers on a value of a base, whatever keys there are: a hidden attribute of the reference. */
  scope: string | null | undefined;

  static isOwnName(name: string): boolean {
    return OWN.has(name);
  }

  /** A config dict of another dict; lists and tuples in it are made anew. */
  static of(dict: PyDict): ConfigDict {
    const made = new ConfigDict();
    for (const entry of dict.entries()) made.put(entry);
    return made;
  }

  override put(entry: DictEntry): void {
    const value = hook(entry.value);
    super.put(value === entry.value ? entry : { ...entry, value });
  }

  /** `.name`; keys that a method hides are reached as items only. @throws AttributeError (Python's) */
  attribute(name: string): PyValue {
    if (name === 'scope' && this.scope !== undefined) return this.scope;
    const value = this.get(name);
    if (value === undefined) throw attributeError(`'ConfigDict' object has no attribute '${name}'`);
    return value;
  }

  setAttribute(name: string, value: PyValue, site?: Site): void {
    if (OWN.has(name)) throw attributeError(`'ConfigDict' object attribute '${name}' is read-only`);
    this.set(name, value, site);
  }

  override copy(): ConfigDict {
    return ConfigDict.of(this);
  }

  /** Dicts merge into dicts, everything else replaces; this dict itself changes. */
  update(other: PyDict): void {
    for (const entry of other.entries()) {
      const current = this.get(entry.key);
      if (current instanceof ConfigDict && entry.value instanceof PyDict) current.update(entry.value);
      else if (current instanceof PyDict && entry.value instanceof PyDict)
        for (const each of entry.value.entries()) current.put(each);
      else this.put({ ...entry, overrode: this.entry(entry.key) });
    }
  }
}

/** What MMEngine does to every value that is put into a config dict. */
function hook(value: PyValue): PyValue {
  if (Array.isArray(value)) return value.map(hook);
  if (value instanceof PyTuple) return new PyTuple(value.items.map(hook));
  return value instanceof PyDict && typeName(value) === 'dict' ? ConfigDict.of(value) : value;
}
