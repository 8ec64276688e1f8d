import { entryOf } from '@engine/core/plain';

/** What to call a dataset or transform in a message: its own `name`, else that of its class's entry (bundlers rename classes), else its class. */
export function nameOf(value: object): string {
  if ('name' in value && typeof value.name === 'string' && value.name !== '') return value.name;
  const type: unknown = value.constructor;
  const className =
    typeof type !== 'function' ? undefined : Object.hasOwn(type, 'entry') ? entryOf(type)?.name : type.name;
  return className === undefined || className === '' || className === 'Object' ? '(unnamed)' : className;
}

/** Names a plain object after its entry, so that messages can name it too. Class instances keep their class's name. */
export function named<T extends object>(value: T, name: string): T {
  if (nameOf(value) === '(unnamed)' && Object.isExtensible(value))
    Object.defineProperty(value, 'name', { value: name });
  return value;
}
