import { ConfigDict } from '../values/config-dict.js';
import { PyDict, PySet } from '../values/dict.js';
import { attributeError, type Site } from '../values/exception.js';
import { LazyAttr, LazyObject } from '../values/lazy.js';
import {
  asNumber,
  type NativeCall,
  PyError,
  PyModule,
  PyNative,
  PyRange,
  PyTuple,
  PyType,
  type PyValue,
  typeName,
} from '../values/value.js';
import {
  configDictMethods,
  dictMethods,
  listMethods,
  numberMethods,
  setMethods,
  tupleMethods,
} from './methods-collection.js';
import { textMethods } from './methods-text.js';

type BoundMethod = (call: NativeCall) => PyValue;

function own<T>(
  methods: Readonly<Record<string, (self: T, call: NativeCall) => PyValue>>,
  name: string,
  self: T,
): BoundMethod | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  return method === undefined ? undefined : (call) => method(self, call);
}

/** The method of a value's type. */
export function methodOf(value: PyValue, name: string): BoundMethod | undefined {
  if (typeof value === 'string') return own(textMethods, name, value);
  if (Array.isArray(value)) return own(listMethods, name, value);
  if (value instanceof ConfigDict) return own(configDictMethods, name, value) ?? own(dictMethods, name, value);
  if (value instanceof PyDict) return own(dictMethods, name, value);
  if (value instanceof PyTuple) return own(tupleMethods, name, value);
  if (value instanceof PySet) return own(setMethods, name, value);
  const number = asNumber(value);
  return number === undefined ? undefined : own(numberMethods, name, number);
}

/** Python's `value.name`. Nothing that leads to the interpreter itself (`__class__` and the like) is an attribute. @throws AttributeError (Python's) */
export function getAttribute(value: PyValue, name: string): PyValue {
  const method = methodOf(value, name);
  if (method !== undefined) return new PyNative(name, method);
  if (value instanceof ConfigDict) return value.attribute(name);
  if (value instanceof LazyObject || value instanceof LazyAttr) return lazyAttribute(value, name);
  if (value instanceof PyModule || value instanceof PyType) {
    if (name === '__name__') return value.name;
    const member = value.members.get(name);
    if (member !== undefined) return member;
    if (value instanceof PyModule) throw attributeError(`module '${value.name}' has no attribute '${name}' here`);
    throw attributeError(`type object '${value.name}' has no attribute '${name}'`);
  }
  if (value instanceof PyRange && (name === 'start' || name === 'stop' || name === 'step')) return value[name];
  if (value instanceof PyError && name === 'args') return new PyTuple([value.message]);
  throw attributeError(`'${typeName(value)}' object has no attribute '${name}'`);
}

/** What a lazy object has itself, before its attributes stand for those of what it names. */
function lazyAttribute(value: LazyObject | LazyAttr, name: string): PyValue {
  if (name === 'build') {
    return new PyNative(`LazyObject.build of ${value.text}`, () => {
      throw attributeError('nothing is imported here');
    });
  }
  if (name === 'module') return value.module;
  if (name.startsWith('__')) throw attributeError(`'${value.typeName}' object has no attribute '${name}'`);
  return new LazyAttr(value, name);
}

/** @throws AttributeError (Python's) */
export function setAttribute(
  target: PyValue,
  attribute: { readonly name: string; readonly value: PyValue; readonly site?: Site },
): void {
  if (!(target instanceof ConfigDict))
    throw attributeError(`'${typeName(target)}' object has no attribute '${attribute.name}'`);
  target.setAttribute(attribute.name, attribute.value, attribute.site);
}

/** @throws AttributeError (Python's) */
export function deleteAttribute(target: PyValue, name: string): void {
  if (!(target instanceof ConfigDict) || !target.delete(name))
    throw attributeError(`'${typeName(target)}' object has no attribute '${name}'`);
}
