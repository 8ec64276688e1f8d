import type { Json, JsonObject, ParameterLike, StandardSchemaV1 } from '@engine/core';
import { parseOptions, registryErrors, toCamelCase } from '@engine/registry';
import type { Optimizer, OptimizerGroupInput, ParamGroup } from './contract.js';
import { optimErrors } from './errors.js';

/** What an optimizer works on: parameters, or groups of them with options of their own. */
export type OptimizerParams = Iterable<ParameterLike> | Iterable<OptimizerGroupInput>;

/** What an optimizer's schema makes of its options. */
export type GroupFields = { lr: number; [field: string]: unknown };

/** What groups are made from. */
export interface GroupSource<F extends GroupFields> {
  readonly params: OptimizerParams;
  /** Checks the fields of each group. */
  readonly schema: StandardSchemaV1<unknown, F>;
  readonly defaults: F;
  /** Named in messages: `SGD`. */
  readonly name: string;
  /** Throws when fields that are right by themselves do not go together. */
  readonly check?: ((fields: F) => void) | undefined;
}

/** Makes the groups of an optimizer; fields unknown to the schema (`lrMult`) are kept as they are. */
export function makeParamGroups<F extends GroupFields>(source: GroupSource<F>): (ParamGroup & F)[] {
  const items = listOf(source.params, source.name);
  const inputs = items.some(isGroup) ? items : [{ params: items }];
  const groups = inputs.map((input, index) => makeGroup(input, index, source));
  checkUnique(groups, source.name);
  return groups;
}

/** The fields of a group as JSON, and the names of its parameters. */
export function saveGroup({ params, ...fields }: ParamGroup): JsonObject {
  return { ...(copyFields(fields) as JsonObject), params: params.map((param) => param.name) };
}

/** A copy whose arrays are its own. */
export function copyFields<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]),
  ) as T;
}

/** Writes the saved fields into a group and drops those that were not there when it was saved. */
export function restoreGroup(group: ParamGroup, saved: { readonly [field: string]: Json }): void {
  for (const field of Object.keys(group)) if (field !== 'params' && !(field in saved)) delete group[field];
  const { params: _, ...fields } = saved;
  Object.assign(group, copyFields(fields));
}

/** A group without parameters that holds the optimizer's options. */
export function groupOfDefaults(optimizer: Pick<Optimizer, 'defaults'>): ParamGroup {
  return { params: [], ...copyFields(optimizer.defaults) };
}

function makeGroup<F extends GroupFields>(input: unknown, index: number, source: GroupSource<F>): ParamGroup & F {
  if (!isGroup(input)) throw notAParameter(input, source.name);
  const { params, ...written } = input;
  const members = listOf(params, source.name);
  for (const member of members) if (!isParameter(member)) throw notAParameter(member, source.name);
  const known = Object.keys(source.defaults);
  const own = respelled(written, known, `${source.name}, group ${index}`);
  const extra = Object.fromEntries(Object.entries(own).filter(([field]) => !known.includes(field)));
  const overrides = Object.fromEntries(Object.entries(own).filter(([field]) => known.includes(field)));
  const fields = parseOptions(
    source.schema,
    { ...source.defaults, ...overrides },
    { subject: `${source.name}, group ${index}` },
  ).value;
  source.check?.(fields);
  return { params: Object.freeze(members as ParameterLike[]), ...extra, ...copyFields(fields) };
}

/** Fields of the optimizer in camelCase; others as they are written. */
function respelled(fields: Readonly<Record<string, unknown>>, known: readonly string[], subject: string) {
  const named = Object.entries(fields).map(([field, value]) => {
    const camel = toCamelCase(field);
    if (camel === field || !known.includes(camel)) return [field, value] as const;
    if (!Object.hasOwn(fields, camel)) return [camel, value] as const;
    throw registryErrors.BOTH_SPELLINGS({
      subject,
      expected: `${camel} or ${field}, not both`,
      received: `both ${camel} and ${field}`,
      action: `remove ${field}`,
    });
  });
  return Object.fromEntries(named);
}

function listOf(values: Iterable<unknown> | unknown, name: string): unknown[] {
  if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) throw notAParameter(values, name);
  const list = [...(values as Iterable<unknown>)];
  if (list.length > 0) return list;
  throw optimErrors.NO_PARAMETERS({
    subject: name,
    expected: 'at least one parameter',
    received: 'an empty list',
    action: 'pass model.parameters(), and make sure that the model keeps its layers in fields',
  });
}

function checkUnique(groups: readonly ParamGroup[], name: string): void {
  const seen = new Set<string>();
  for (const { params } of groups) {
    for (const param of params) {
      if (seen.has(param.name)) {
        throw optimErrors.DUPLICATE_PARAMETER({
          subject: name,
          expected: 'every parameter once, each with a name of its own',
          received: `${param.name} twice`,
          action: 'leave it out of one of the groups, or give the parameters different names',
        });
      }
      seen.add(param.name);
    }
  }
}

function isGroup(value: unknown): value is OptimizerGroupInput {
  return typeof value === 'object' && value !== null && 'params' in value;
}

function isParameter(value: unknown): value is ParameterLike {
  return typeof value === 'object' && value !== null && 'name' in value && 'value' in value && 'trainable' in value;
}

function notAParameter(value: unknown, name: string): Error {
  return optimErrors.NOT_A_PARAMETER({
    subject: name,
    expected: 'parameters, or groups { params, ...options }',
    received:
      typeof value === 'object' && value !== null
        ? `an object with ${Object.keys(value).join(', ') || 'no keys'}`
        : String(value),
    action: 'pass model.parameters() or a list of groups',
  });
}
