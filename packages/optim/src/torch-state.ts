/** Optimizer states in PyTorch's shape: what `torch.optim.Optimizer.state_dict()` returns and `load_state_dict` takes. */
import type { HostArray, Json, JsonObject, ParameterLike } from '@engine/core';
import { fromTorchLayout, hostArray, shapeToTorch, toTorchLayout } from '@engine/core';
import { AdamW } from './adamw.js';
import type { Optimizer, OptimizerState, ParamGroup } from './contract.js';
import { optimErrors } from './errors.js';
import { LBFGS } from './lbfgs.js';
import { copyFields, saveGroup } from './param-groups.js';

/** Slots of one parameter under PyTorch's names (`exp_avg`), in its layout; null is none. */
export type TorchSlots = Readonly<Record<string, HostArray | number | null>>;

export interface TorchOptimizerState {
  /** By the id of the parameter: its place when the groups are read one after the other. */
  readonly state: Readonly<Record<string, TorchSlots>>;
  /** Fields under PyTorch's names, and `params` as ids. A `step` counts for all parameters of the group (timm's `Lamb`). */
  readonly param_groups: readonly JsonObject[];
}

export interface LoadTorchStateOptions {
  /** Demands that the parameters are the same, where the state names them (`param_names`); default true. */
  readonly strict?: boolean;
}

/** How PyTorch runs an update, not what it computes; and what goes by itself. */
const NOT_FIELDS = new Set(['foreach', 'fused', 'capturable', 'differentiable', 'params', 'param_names', 'step']);

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The state of an optimizer as PyTorch has it: `torch.optim.X(...).load_state_dict` takes it once arrays are tensors. Counters are float32 there.
 * @throws `ENGINE_OPTIM_NO_TORCH_STATE` for LBFGS
 */
export async function toTorchState(optimizer: Optimizer): Promise<TorchOptimizerState> {
  checkKind(optimizer);
  const { paramGroups, tensors } = await optimizer.stateDict();
  const members = membersOf(optimizer.paramGroups);
  const state: Record<string, Record<string, HostArray>> = {};
  for (const [key, array] of tensors) {
    const cut = key.indexOf('/');
    const id = members.findIndex(({ name }) => name === key.slice(cut + 1));
    state[id] = { ...state[id], [snake(key.slice(0, cut))]: slotToTorch(array, members[id] as ParameterLike) };
  }
  let next = 0;
  const groups = paramGroups.map(({ params, ...fields }) => {
    const named = Object.entries(fields).map(([field, value]): [string, Json] => [snake(field), value as Json]);
    const own: JsonObject = optimizer instanceof AdamW ? { decoupled_weight_decay: true } : {};
    return { ...Object.fromEntries(named), ...own, params: (params as string[]).map(() => next++) };
  });
  return { state, param_groups: groups };
}

/**
 * Takes over a state of PyTorch: slots, counters and the fields of groups; fields that the state lacks stay. Parameters are told by the names
 * in the state's `param_names`, by their place where there are none. Not strict: what belongs to unknown parameters is left out, and parameters
 * that the state lacks keep what they have. Nothing changes when it throws.
 *
 * @throws `ENGINE_OPTIM_GROUP_COUNT`, `_UNKNOWN_PARAMETER`, `_MISSING_PARAMETER`, `_STATE_SHAPE`, `_STATE_MISMATCH`, `_NO_TORCH_STATE`
 */
export async function loadTorchState(
  optimizer: Optimizer,
  saved: TorchOptimizerState,
  { strict = true }: LoadTorchStateOptions = {},
): Promise<void> {
  checkKind(optimizer);
  if (saved.param_groups.length !== optimizer.paramGroups.length) {
    throw optimErrors.GROUP_COUNT({
      subject: 'optimizer state',
      expected: `${optimizer.paramGroups.length} parameter groups`,
      received: `${saved.param_groups.length}`,
      action: 'make the optimizer with the groups that the state was saved with',
    });
  }
  const ids = new Map(
    optimizer.paramGroups.flatMap((group, i) => [...idsOf(group, saved.param_groups[i] as JsonObject, { i, strict })]),
  );
  const current = await optimizer.stateDict();
  const tensors = new Map(current.tensors);
  for (const [param, { id, step }] of ids) {
    for (const key of current.tensors.keys()) if (key.slice(key.indexOf('/') + 1) === param.name) tensors.delete(key);
    const slots = saved.state[id];
    if (slots === undefined) continue;
    for (const [slot, value] of Object.entries(step === undefined ? slots : { step, ...slots }))
      if (value !== null) tensors.set(`${camel(slot)}/${param.name}`, slotFromTorch(value, slot, param));
  }
  const paramGroups = optimizer.paramGroups.map((group, i) =>
    fieldsFrom(group, saved.param_groups[i] as JsonObject, optimizer),
  );
  optimizer.loadStateDict({ paramGroups, tensors } satisfies OptimizerState);
}

const membersOf = (groups: readonly ParamGroup[]): readonly ParameterLike[] => groups.flatMap(({ params }) => params);

interface SavedPlace {
  readonly id: number;
  readonly step: number | undefined;
}

/** Which id of the state belongs to which parameter of a group. */
function idsOf(
  { params }: ParamGroup,
  saved: JsonObject,
  { i, strict }: { readonly i: number; readonly strict: boolean },
): Map<ParameterLike, SavedPlace> {
  const ids = Array.isArray(saved['params']) ? (saved['params'] as number[]) : [];
  const names = saved['param_names'];
  const step = typeof saved['step'] === 'number' ? saved['step'] : undefined;
  if (!Array.isArray(names)) {
    if (ids.length === params.length)
      return new Map(params.map((param, place) => [param, { id: ids[place] as number, step }]));
    throw optimErrors.GROUP_COUNT({
      subject: `group ${i} of the optimizer state`,
      expected: `${params.length} parameters`,
      received: `${ids.length}`,
      action: 'make the optimizer with the parameters that the state was saved with, in the same order',
    });
  }
  const unknown = names.filter((name) => !params.some((param) => param.name === name));
  if (strict && unknown.length > 0) {
    throw optimErrors.UNKNOWN_PARAMETER({
      subject: `group ${i} of the optimizer state`,
      expected: 'the parameters of the group at hand',
      received: unknown.join(', '),
      action: 'load it into the model that it was saved with, or with { strict: false }',
    });
  }
  const found = params.filter(({ name }) => names.includes(name));
  if (strict && found.length < params.length) {
    throw optimErrors.MISSING_PARAMETER({
      subject: `group ${i} of the optimizer state`,
      expected: 'all parameters of the group at hand',
      received: `none of ${params.flatMap((param) => (found.includes(param) ? [] : [param.name])).join(', ')}`,
      action: 'load it into the model that it was saved with, or with { strict: false }',
    });
  }
  return new Map(found.map((param) => [param, { id: ids[names.indexOf(param.name)] as number, step }]));
}

/** A saved group under our names; what it lacks and what does not concern us is as it was. */
function fieldsFrom(group: ParamGroup, saved: JsonObject, { defaults }: Optimizer): JsonObject {
  const theirs = Object.entries(saved)
    .filter(([field]) => !NOT_FIELDS.has(field) && (field !== 'decoupled_weight_decay' || camel(field) in defaults))
    .map(([field, value]): [string, Json] => [camel(field), value as Json]);
  return { ...saveGroup(group), ...copyFields(Object.fromEntries(theirs)) };
}

function slotToTorch(array: HostArray, { torchLayout }: ParameterLike): HostArray {
  if (array.dtype === 'int64') return hostArray('float32', [], Float32Array.of(Number(array.data[0])));
  if (array.shape.length === 0) return array;
  const data = toTorchLayout(array.data as Float32Array, array.shape, torchLayout);
  return hostArray('float32', shapeToTorch(array.shape, torchLayout), data);
}

/** An array in our layout; its shape is PyTorch's until the parameter's tells better. */
function slotFromTorch(value: HostArray | number, slot: string, param: ParameterLike): HostArray {
  const data = typeof value === 'number' ? [value] : Array.from<number | bigint, number>(value.data, Number);
  if (slot === 'step') return hostArray('int64', [], BigInt64Array.of(BigInt(data[0] as number)));
  const floats = Float32Array.from(data);
  const shape = typeof value === 'number' ? [] : value.shape;
  if (shape.length === 0 && param.shape.length > 0) return hostArray('float32', [], floats);
  const ours = ourShape(shape, slot, param);
  return hostArray('float32', ours, fromTorchLayout(floats, ours, param.torchLayout));
}

/** The shape here of a slot with PyTorch's `shape`: the parameter's, or that with one axis reduced to one element. */
function ourShape(
  shape: readonly number[],
  slot: string,
  { name, shape: whole, torchLayout }: ParameterLike,
): readonly number[] {
  const reduced = whole.map((_, axis) => whole.map((extent, at) => (at === axis ? 1 : extent)));
  const found = [whole, ...reduced].find((candidate) => String(shapeToTorch(candidate, torchLayout)) === String(shape));
  if (found !== undefined) return found;
  throw optimErrors.STATE_SHAPE({
    subject: `${slot} of ${name}`,
    expected: `shape (${shapeToTorch(whole, torchLayout).join(', ')}), as PyTorch has the parameter`,
    received: `shape (${shape.join(', ')})`,
    action: 'load the state of a model that was built with the same options',
  });
}

function checkKind(optimizer: Optimizer): void {
  if (!(optimizer instanceof LBFGS)) return;
  throw optimErrors.NO_TORCH_STATE({
    subject: 'LBFGS',
    expected: 'an optimizer whose state belongs to single parameters',
    received: 'LBFGS, whose vectors run over all of them in our layout',
    action: 'save it with stateDict()',
  });
}
