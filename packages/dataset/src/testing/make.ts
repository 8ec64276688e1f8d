import { type ArgsOf, type Built, type EntryLike, entryOf, type Kind } from '@engine/core';
import { Registry } from '@engine/registry';

/** What a kit tests: an entry (or a class carrying one) with options, or a function that makes the thing. */
export type Subject<T extends object> = EntryLike | (() => T);

export function titleOf<T extends object>(subject: Subject<T>): string {
  return entryOf(subject)?.name ?? (typeof subject === 'function' ? subject.name : '');
}

/** Makes one, from its entry with the options, or by calling the function. */
export function make<K extends Kind>(
  kind: K,
  subject: Subject<Built<K> & object>,
  { options, args }: { options: object; args: ArgsOf<K> },
): Built<K> {
  if (entryOf(subject) === undefined) return (subject as () => Built<K> & object)();
  const registry = new Registry();
  const build = registry.build.bind(registry) as (kind: Kind, config: unknown, rest: object) => Built<K>;
  return build(kind, { type: subject, ...options }, { path: 'here', args });
}
