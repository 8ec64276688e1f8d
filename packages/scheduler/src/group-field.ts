import type { Schedulable } from './contract.js';
import { schedulerErrors } from './errors.js';

type Group = Schedulable['paramGroups'][number];

/** Reads a scheduled number of a group: `lr`, or an element, `betas[0]`. @throws `ENGINE_SCHEDULER_NO_FIELD` */
export function readField(group: Group, name: string): number {
  const { key, index } = parse(name);
  const held = group[key];
  const value = index === undefined ? held : Array.isArray(held) ? (held[index] as unknown) : undefined;
  if (typeof value === 'number') return value;
  throw schedulerErrors.NO_FIELD({
    expected: `one of ${numberFields(group).join(', ')}`,
    received: `${name} = ${String(value)}`,
    action: 'schedule a field that every parameter group has',
  });
}

function numberFields(group: Group): string[] {
  return Object.entries(group).flatMap(([field, value]) => {
    if (typeof value === 'number') return [field];
    return isNumbers(value) ? value.map((_, i) => `${field}[${i}]`) : [];
  });
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

/** Writes a scheduled number; of an array only the element changes, in a new array. */
export function writeField(group: Group, name: string, value: number): void {
  const { key, index } = parse(name);
  const held = group[key];
  const target = group as Record<string, unknown>;
  target[key] = index === undefined || !Array.isArray(held) ? value : held.with(index, value);
}

/** Where a group keeps the value that schedules of a field start from: `initialLr`. */
export function initialName(name: string): string {
  return `initial${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** The field that momentum schedulers write: `momentum`, or `betas[0]` of Adam and its kin. @throws `ENGINE_SCHEDULER_NO_MOMENTUM` */
export function momentumField({ paramGroups }: Schedulable): string {
  if (paramGroups.every((group) => typeof group['momentum'] === 'number')) return 'momentum';
  if (paramGroups.every((group) => Array.isArray(group['betas']))) return 'betas[0]';
  throw schedulerErrors.NO_MOMENTUM({
    expected: 'groups with momentum or betas',
    received: `groups with ${Object.keys(paramGroups[0] ?? {}).join(', ')}`,
    action: 'use an optimizer that has momentum, or schedule another field with a ParamScheduler',
  });
}

/**
 * A value for each of `count` groups. A list has one for each of the optimizer's `own` groups; a group that a wrapper has added takes the last.
 * @throws `ENGINE_SCHEDULER_GROUP_COUNT`
 */
export function onePerGroup(option: string, value: number | readonly number[], count: number, own = count): number[] {
  if (typeof value === 'number') return Array.from({ length: count }, () => value);
  if (value.length === own) return [...value, ...Array.from({ length: count - own }, () => value.at(-1) as number)];
  throw schedulerErrors.GROUP_COUNT({
    subject: option,
    expected: `a number, or ${own} (one a parameter group)`,
    received: `${value.length}: ${JSON.stringify(value)}`,
    action: 'give one value for all groups or as many as there are groups',
  });
}

function parse(name: string): { readonly key: string; readonly index: number | undefined } {
  const match = /^(.+)\[(\d+)\]$/.exec(name);
  return match === null ? { key: name, index: undefined } : { key: match[1] as string, index: Number(match[2]) };
}
