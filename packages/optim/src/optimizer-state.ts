import type { HostArray, JsonObject, ParameterLike } from '@engine/core';
import { hostArray } from '@engine/core';
import type { OptimizerState, ParamGroup } from './contract.js';
import { optimErrors } from './errors.js';
import { restoreGroup, saveGroup } from './param-groups.js';
import type { SlotStore } from './slot-store.js';

/** The parts of an optimizer that are saved and restored. */
export interface Restorable {
  readonly name: string;
  readonly paramGroups: readonly ParamGroup[];
  readonly defaults: object;
  readonly store: SlotStore;
  /** Whether update counters are saved, as `step/<parameter>` (int64). */
  readonly countsSteps: boolean;
  slotsOf(fields: JsonObject, param: ParameterLike): readonly string[];
  slotShape(slot: string, param: ParameterLike): readonly number[];
  /** Host numbers, saved as float32 scalars `<number>/<parameter>`. */
  readonly numberNames: readonly string[];
}

/** Groups and slots as they are at the moment of the call. Parameters that were never updated have no arrays. */
export async function saveState(optimizer: Restorable): Promise<OptimizerState> {
  const { store, countsSteps } = optimizer;
  const paramGroups = optimizer.paramGroups.map(saveGroup);
  const reads: Promise<[string, HostArray]>[] = [];
  for (const [i, group] of optimizer.paramGroups.entries()) {
    for (const param of group.params) {
      if (store.steps(param) === 0) continue;
      const add = (name: string, array: HostArray | Promise<HostArray>) =>
        reads.push(Promise.resolve(array).then((settled) => [`${name}/${param.name}`, settled]));
      if (countsSteps) add('step', hostArray('int64', [], BigInt64Array.of(BigInt(store.steps(param)))));
      for (const name of optimizer.numberNames)
        add(name, hostArray('float32', [], Float32Array.of(store.number(name, param))));
      for (const slot of optimizer.slotsOf(paramGroups[i] as JsonObject, param)) add(slot, store.read(slot, param));
    }
  }
  return { paramGroups, tensors: new Map(await Promise.all(reads)) };
}

/** Checks a saved state as a whole, then restores it. @throws `ENGINE_OPTIM_STATE_MISMATCH` */
export function loadState(optimizer: Restorable, state: OptimizerState): void {
  checkGroups(optimizer, state.paramGroups);
  const unclaimed = new Set(state.tensors.keys());
  const loads = optimizer.paramGroups.flatMap(({ params }, i) =>
    params.map((param) => {
      const slots = optimizer.slotsOf(state.paramGroups[i] as JsonObject, param);
      const names = [...(optimizer.countsSteps ? ['step'] : []), ...optimizer.numberNames, ...slots];
      const arrays = new Map(names.map((name) => [name, state.tensors.get(`${name}/${param.name}`)]));
      for (const name of names) unclaimed.delete(`${name}/${param.name}`);
      return loadOf(optimizer, { param, slots, arrays });
    }),
  );
  if (unclaimed.size > 0) throw mismatch(optimizer, 'state of the parameters at hand', [...unclaimed].join(', '));
  for (const [i, group] of optimizer.paramGroups.entries()) restoreGroup(group, state.paramGroups[i] as JsonObject);
  for (const load of loads) load();
}

interface SavedParameter {
  readonly param: ParameterLike;
  readonly slots: readonly string[];
  /** The counter where there is one, the numbers and the slots, by name. */
  readonly arrays: ReadonlyMap<string, HostArray | undefined>;
}

/** Checks what is saved of one parameter; returns what writes it. */
function loadOf(optimizer: Restorable, { param, slots, arrays }: SavedParameter): () => void {
  const { store, countsSteps, numberNames } = optimizer;
  const slot = (name: string) => store.slot(name, param, optimizer.slotShape(name, param));
  if ([...arrays.values()].every((array) => array === undefined)) {
    return () => {
      store.setSteps(param, 0);
      for (const name of numberNames) store.setNumber(name, param, 0);
      for (const name of slots) store.write(slot(name));
    };
  }
  const floats = (name: string, shape: readonly number[]): Float32Array => {
    const array = arrays.get(name);
    if (array?.data instanceof Float32Array && String(array.shape) === String(shape)) return array.data;
    throw wrongSlot(optimizer, `${name}/${param.name} of shape (${shape.join(', ')}) float32`, array);
  };
  const counter = arrays.get('step');
  if (countsSteps && counter?.dtype !== 'int64') throw wrongSlot(optimizer, `step/${param.name}, int64`, counter);
  const steps = countsSteps && counter?.data instanceof BigInt64Array ? Number(counter.data[0]) : 1;
  const numbers = numberNames.map((name) => [name, floats(name, [])[0] as number] as const);
  const values = slots.map((name) => [name, floats(name, optimizer.slotShape(name, param))] as const);
  return () => {
    store.setSteps(param, steps);
    for (const [name, value] of numbers) store.setNumber(name, param, value);
    for (const [name, data] of values) store.write(slot(name), data);
  };
}

function checkGroups(optimizer: Restorable, saved: readonly JsonObject[]): void {
  const live = optimizer.paramGroups.map(saveGroup);
  const fields = Object.keys(optimizer.defaults);
  const same =
    saved.length === live.length &&
    live.every((group, i) => {
      const other = saved[i] as JsonObject;
      return String(group['params']) === String(other['params']) && fields.every((field) => field in other);
    });
  if (same) return;
  throw mismatch(optimizer, `${describe(live)}, with ${fields.join(', ')}`, describe(saved));
}

function describe(groups: readonly JsonObject[]): string {
  const sizes = groups.map(({ params }) => (Array.isArray(params) ? params.length : 0));
  return `${groups.length} groups with ${sizes.join(' and ')} parameters`;
}

function wrongSlot(optimizer: Restorable, expected: string, array: HostArray | undefined): Error {
  return mismatch(
    optimizer,
    expected,
    array === undefined ? 'nothing' : `shape (${array.shape.join(', ')}) ${array.dtype}`,
  );
}

function mismatch(optimizer: Restorable, expected: string, received: string): Error {
  return optimErrors.STATE_MISMATCH({
    subject: optimizer.name,
    expected,
    received,
    action: 'load a state that was saved with the same model, groups and optimizer',
  });
}
