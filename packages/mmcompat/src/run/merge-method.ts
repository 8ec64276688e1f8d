import type { ConfigDict } from '../values/config-dict.js';
import { deepCopy } from '../values/copy.js';
import { PyDict } from '../values/dict.js';
import { typeError } from '../values/exception.js';
import { type NativeHost, type PyValue, typeName } from '../values/value.js';

/** `config.merge(other)`: dicts merge into dicts, `_delete_` empties the old one first; the config itself changes. */
export function mergeConfigDict(self: ConfigDict, other: PyValue, host: Pick<NativeHost, 'allocate'>): void {
  if (!(other instanceof PyDict)) throw typeError(`merge() takes a dict, not ${typeName(other)}`);
  const merged = merge(deepCopy(other, host), deepCopy(self, host));
  if (!(merged instanceof PyDict)) return;
  self.clear();
  for (const entry of merged.entries()) self.put(entry);
}

function merge(other: PyValue, base: PyValue | undefined): PyValue {
  if (!(other instanceof PyDict)) return other;
  const marker = other.get('_delete_');
  other.delete('_delete_');
  if (!(base instanceof PyDict)) return other;
  if (marker !== undefined && marker !== false && marker !== null && marker !== 0n) base.clear();
  const merged = new PyDict();
  for (const entry of base.entries()) {
    const changed = other.entry(entry.key);
    merged.put(
      changed === undefined ? entry : { ...changed, value: merge(changed.value, entry.value), overrode: entry },
    );
  }
  for (const entry of other.entries())
    if (!base.has(entry.key)) merged.put({ ...entry, value: merge(entry.value, undefined) });
  return merged;
}
