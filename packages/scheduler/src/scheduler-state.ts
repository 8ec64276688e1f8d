import type { JsonObject } from '@engine/core';
import type { Schedulable } from './contract.js';
import { schedulerErrors } from './errors.js';
import { initialName, readField } from './group-field.js';

type Groups = Schedulable['paramGroups'];

/** @throws `ENGINE_SCHEDULER_NOT_SCHEDULABLE` */
export function groupsOf(optimizer: unknown): Groups {
  const groups =
    typeof optimizer === 'object' && optimizer !== null && 'paramGroups' in optimizer
      ? optimizer.paramGroups
      : undefined;
  if (Array.isArray(groups) && groups.length > 0) return groups;
  throw schedulerErrors.NOT_SCHEDULABLE({
    expected: 'an optimizer or an optim wrapper',
    received:
      typeof optimizer === 'object' && optimizer !== null
        ? `an object with ${Object.keys(optimizer).join(', ') || 'no keys'}`
        : String(optimizer),
    action: 'make the optimizer first and pass it as the first argument',
  });
}

/**
 * The values that the groups had before any schedule, which a fresh start (`lastStep` = -1) writes down in groups that have none.
 * @throws `ENGINE_SCHEDULER_NO_FIELD`, `_NO_INITIAL`
 */
export function initialValues(groups: Groups, paramName: string, lastStep: number): number[] {
  const name = initialName(paramName);
  return groups.map((group) => {
    const current = readField(group, paramName);
    if (lastStep === -1 && group[name] === undefined) (group as Record<string, unknown>)[name] = current;
    const initial = group[name];
    if (typeof initial === 'number') return initial;
    throw schedulerErrors.NO_INITIAL({
      expected: `${name} in every group, because lastStep is given`,
      received: `${name} = ${String(initial)}`,
      action: 'load the optimizer state first, or leave out lastStep',
    });
  });
}

/** Fields that hold one value a group. */
const perGroup = new Set(['baseValues', 'lastValues', 'minValues']);

/**
 * A saved state, in our shape, once it is known to belong to the schedule whose own state is `own`.
 * States that MMEngine has saved are taken as well.
 * @throws `ENGINE_SCHEDULER_STATE_MISMATCH`
 */
export function checkedState(own: JsonObject, given: JsonObject): JsonObject {
  const saved = '_global_step' in given ? fromMMEngine(given) : structuredClone(given);
  const wrong = Object.keys({ ...own, ...saved }).find((key) => {
    if (perGroup.has(key)) return lengthOf(own[key]) !== lengthOf(saved[key]);
    if (key === 'paramName') return own[key] !== saved[key];
    return !(key in own) || !(key in saved);
  });
  if (wrong === undefined) return saved;
  throw schedulerErrors.STATE_MISMATCH({
    subject: wrong,
    expected: `${JSON.stringify(own[wrong]) ?? 'nothing'}, or its like`,
    received: JSON.stringify(saved[wrong]) ?? 'nothing',
    action: 'load a state that the same kind of schedule saved for as many groups',
  });
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : -1;
}

/** Names that are more than another spelling. */
const names: Readonly<Record<string, string>> = {
  T_max: 'tMax',
  _global_step: 'globalStep',
  _last_value: 'lastValues',
  _schedule_phases: 'phases',
  anneal_func: 'annealStrategy',
};

/** The state of the same schedule as MMEngine's `state_dict()` gives it, in our names. */
function fromMMEngine({ verbose: _verbose, use_betas: useBetas, ...state }: JsonObject): JsonObject {
  const converted = Object.fromEntries(
    Object.entries(state).map(([key, value]) => {
      const name = names[key] ?? camelCase(key);
      return [name, converters[name]?.(value) ?? structuredClone(value)];
    }),
  );
  return useBetas === true ? { ...converted, paramName: 'betas[0]' } : converted;
}

type JsonValue = JsonObject[string];
const converters: Readonly<Record<string, (value: JsonValue) => JsonValue | undefined>> = {
  paramName: (value) => camelCase(String(value)),
  milestones: (value) =>
    isObject(value)
      ? Object.entries(value).flatMap(([step, times]) => Array.from({ length: Number(times) }, () => Number(step)))
      : undefined,
  annealStrategy: (value) => (isObject(value) ? String(value.function).replace('_annealing_', '') : undefined),
  phases: (value) => (Array.isArray(value) ? value.map((phase) => phaseOf(phase as JsonObject)) : undefined),
};

function phaseOf({ end_step: endStep, start_lr: start, end_lr: end }: JsonObject): JsonObject {
  return { endStep: Number(endStep), start: camelCase(String(start)), end: camelCase(String(end)) };
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
