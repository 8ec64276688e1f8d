import { mmcompatErrors } from '../errors.js';
import { truth } from '../values/compare.js';
import { ConfigDict } from '../values/config-dict.js';
import type { DictEntry } from '../values/dict.js';
import { PyDict } from '../values/dict.js';
import { PythonException } from '../values/exception.js';
import { repr } from '../values/repr.js';
import { type PyValue, typeName } from '../values/value.js';

/**
 * Lays `child` over a copy of `base`, as a config over what it extends: dicts merge, everything else replaces, `_delete_=True` in a dict replaces
 * too. With `listKeys`, keys of digits address the elements of lists. Neither argument changes.
 *
 * @throws `ENGINE_MMCOMPAT_MERGE_TYPE`, `ENGINE_MMCOMPAT_BAD_INDEX`
 */
export function mergeInto(child: PyDict, base: ConfigDict, listKeys = false): ConfigDict {
  const merged = base.copy();
  for (const entry of child.entries()) merged.put(mergedEntry(entry, merged.entry(entry.key), listKeys));
  return merged;
}

function mergedEntry(entry: DictEntry, base: DictEntry | undefined, listKeys: boolean): DictEntry {
  const { key, value } = entry;
  if (!(value instanceof PyDict)) return { ...entry, overrode: base };
  if (base === undefined) return { ...entry, value: ConfigDict.of(value) };
  const { isDeleting, rest } = withoutMarker(value);
  if (isDeleting) return { ...entry, value: rest, overrode: base };
  if (base.value instanceof PyDict) return { ...base, value: mergeInto(rest, asConfigDict(base.value), listKeys) };
  if (listKeys && Array.isArray(base.value)) return { ...base, value: mergeList(rest, base.value, key) };
  throw notADict(entry, base);
}

function asConfigDict(dict: PyDict): ConfigDict {
  return dict instanceof ConfigDict ? dict : ConfigDict.of(dict);
}

function withoutMarker(dict: PyDict): { readonly isDeleting: boolean; readonly rest: ConfigDict } {
  const marker = dict.get('_delete_');
  const rest = ConfigDict.of(dict);
  if (marker !== undefined) rest.delete('_delete_');
  return { isDeleting: marker !== undefined && truth(marker), rest };
}

function mergeList(child: PyDict, base: readonly PyValue[], name: PyValue): PyValue[] {
  const merged = [...base];
  for (const { key, value, site } of child.entries()) {
    if (typeof key !== 'string' || !/^\d+$/.test(key)) {
      throw mmcompatErrors.MERGE_TYPE({
        subject: String(name),
        expected: `indices into the list ${String(name)}`,
        received: `the key ${repr(key)}`,
        action: `give the whole list, or address its elements: ${String(name)}.0=...`,
        at: site?.source.locate(site.start),
      });
    }
    const index = Number(key);
    const present = merged[index];
    if (present === undefined) throw badIndex(index, merged, name);
    if (!(value instanceof PyDict)) merged[index] = value;
    else if (present instanceof PyDict) merged[index] = mergeInto(value, asConfigDict(present), true);
    else merged[index] = Array.isArray(present) ? mergeList(value, present, name) : value;
  }
  return merged;
}

function badIndex(index: number, list: readonly PyValue[], name: PyValue): Error {
  return mmcompatErrors.BAD_INDEX({
    subject: String(name),
    expected: list.length === 0 ? 'a whole list; this one is empty' : `an index from 0 to ${list.length - 1}`,
    received: `index ${index}`,
    action: 'use an existing index, or give the whole list',
  });
}

function notADict({ key, value, site }: DictEntry, base: DictEntry): Error {
  return mmcompatErrors.MERGE_TYPE({
    subject: String(key),
    expected: `a value of the kind that the base has: ${String(key)} is of type ${typeName(base.value)} there`,
    received: `${String(key)}=${shortened(value)}, a dict`,
    action: 'give the whole value, or add _delete_=True to the dict to replace it',
    at: site?.source.locate(site.start),
  });
}

function shortened(value: PyValue): string {
  const text = repr(value);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}

/** `{'a.b': 1}` as `{a: {b: 1}}`; later options win. @throws `ENGINE_MMCOMPAT_MERGE_TYPE` when one is below another's value */
export function expandDotted(options: PyDict): PyDict {
  const tree = new PyDict();
  for (const entry of options.entries()) {
    if (typeof entry.key !== 'string')
      throw new PythonException('AttributeError', `'${typeName(entry.key)}' object has no attribute 'split'`);
    const parts = entry.key.split('.');
    let dict = tree;
    for (const part of parts.slice(0, -1)) {
      if (!dict.has(part)) dict.set(part, new ConfigDict(), entry.site);
      const next = dict.at(part);
      if (!(next instanceof PyDict)) throw contradicting(entry.key, part);
      dict = next;
    }
    dict.put({ ...entry, key: parts.at(-1) ?? '' });
  }
  return tree;
}

function contradicting(option: string, part: string): Error {
  return mmcompatErrors.MERGE_TYPE({
    subject: option,
    expected: 'options that do not contradict each other',
    received: `a value for ${part} and one for ${option} below it`,
    action: 'give only one of them',
  });
}
