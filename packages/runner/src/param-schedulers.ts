/** Which schedules belong to which optimizer wrapper, where a run has several (an `OptimWrapperDict`). */
import { isPlainObject } from '@engine/core';
import type { OptimWrapperLike } from '@engine/optim';
import { nearest } from '@engine/registry';
import { runnerErrors } from './errors.js';

/** The wrappers by name; one alone has the name ''. */
export function namedWrappers(wrapper: OptimWrapperLike): ReadonlyMap<string, OptimWrapperLike> {
  const inner = (wrapper as { readonly wrappers?: unknown }).wrappers;
  return inner instanceof Map ? (inner as ReadonlyMap<string, OptimWrapperLike>) : new Map([['', wrapper]]);
}

/** What `paramScheduler` says for each wrapper, with the place where it says so: the same for all, or by the wrappers' names. */
export interface AssignedSchedules {
  readonly wrapper: OptimWrapperLike;
  /** A scheduler, a config of one, or a list of these. */
  readonly given: unknown;
  readonly path: string;
}

/** @throws `ENGINE_RUNNER_BAD_SCHEDULER` for a name that no wrapper has */
export function assignSchedules(given: unknown, wrapper: OptimWrapperLike, path: string): AssignedSchedules[] {
  const wrappers = namedWrappers(wrapper);
  if (!isByName(given)) return [...wrappers.values()].map((each) => ({ wrapper: each, given, path }));
  const stray = Object.keys(given).find((name) => !wrappers.has(name));
  if (stray !== undefined) throw unknownWrapper(stray, [...wrappers.keys()], path);
  return [...wrappers].flatMap(([name, each]) =>
    given[name] === undefined ? [] : [{ wrapper: each, given: given[name], path: `${path}.${name}` }],
  );
}

/** `{ generator: [...], discriminator: {...} }`: no config of a scheduler, which has a `type`, and no scheduler. */
export function isByName(given: unknown): given is Readonly<Record<string, unknown>> {
  if (!isPlainObject(given) || 'type' in given || 'step' in given) return false;
  const values = Object.values(given);
  return values.length > 0 && values.every((value) => typeof value === 'object' && value !== null);
}

function unknownWrapper(name: string, known: readonly string[], path: string): Error {
  const isOne = known.length === 1 && known[0] === '';
  return runnerErrors.BAD_SCHEDULER({
    subject: `${path}.${name}`,
    expected: isOne ? 'a scheduler or a list of them, for the only optimizer' : `one of ${known.join(', ')}`,
    received: name,
    action: isOne
      ? 'write the list itself, or make optimWrapper one with several optimizers'
      : `write ${nearest(name, known) ?? 'the name of an optimizer of optimWrapper'}`,
  });
}
