/** Reading and writing Python values from outside of a config: what goes wrong has a code. */
import { coded } from './failure.js';
import * as attributes from './run/attributes.js';
import { iterate } from './values/compare.js';
import * as items from './values/items.js';
import type { PyValue } from './values/value.js';

/** Python's `value.name`. @throws `ENGINE_MMCOMPAT_NO_ATTRIBUTE` */
export function getAttribute(value: PyValue, name: string): PyValue {
  return coded(name, () => attributes.getAttribute(value, name));
}

/** Python's `value[index]`. @throws `ENGINE_MMCOMPAT_NO_KEY`, `ENGINE_MMCOMPAT_NO_INDEX`, `ENGINE_MMCOMPAT_BAD_TYPE` */
export function getItem(value: PyValue, index: PyValue): PyValue {
  return coded(String(index), () => items.getItem(value, index));
}

/** Python's `target.name = value`. @throws `ENGINE_MMCOMPAT_NO_ATTRIBUTE` */
export function setAttribute(target: PyValue, attribute: { readonly name: string; readonly value: PyValue }): void {
  coded(attribute.name, () => attributes.setAttribute(target, attribute));
}

/** Python's `target[index] = value`. @throws `ENGINE_MMCOMPAT_NO_INDEX`, `ENGINE_MMCOMPAT_BAD_TYPE` */
export function setItem(target: PyValue, item: { readonly index: PyValue; readonly value: PyValue }): void {
  coded(String(item.index), () => items.setItem(target, item, (value) => [...iterate(value)]));
}
