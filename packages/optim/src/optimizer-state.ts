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
  slotsOf(fields: JsonObject): readonly string[];
}

/** Groups and slots as they are at the moment of the call. Parameters that were never updated have no arrays. */
export async function saveState(optimizer: Restorable): Promise<OptimizerState> {
  const { store, countsSteps } = optimizer;
  const paramGroups = optimizer.paramGroups.map(saveGroup);
  const reads: Promise<[string, HostArray]>[] = [];
  for (const [i, group] of optimizer.paramGroups.entries()) {
    const slots = optimizer.slotsOf(paramGroups[i] as JsonObject);
    for (const param of group.params) {
      if (store.steps(param) === 0) continue;
      if (countsSteps) {
        const counter = hostArray('int64', [], BigInt64Array.of(BigInt(store.steps(param))));
        reads.push(Promise.resolve([`step/${param.name}`, counter]));
      }
      for (const slot of slots) reads.push(store.read(slot, param).then((array) => [`${slot}/${param.name}`, array]));
    }
  }
  return { paramGroups, tensors: new Map(await Promise.all(reads)) };
}

/** Checks a saved state as a whole, then restores it. @throws `ENGINE_OPTIM_STATE_MISMATCH` */
export function loadState(optimizer: Restorable, state: OptimizerState): void {
  checkGroups(optimizer, state.paramGroups);
  const unclaimed = new Set(state.tensors.keys());
  const loads = optimizer.paramGroups.flatMap(({ params }, i) => {
    const slots = optimizer.slotsOf(state.paramGroups[i] as JsonObject);
    return params.map((param) => {
      const names = [...(optimizer.countsSteps ? ['step'] : []), ...slots];
      const arrays = names.map((slot) => state.tensors.get(`${slot}/${param.name}`));
      for (const slot of names) unclaimed.delete(`${slot}/${param.name}`);
      return loadOf(optimizer, { param, slots, arrays });
    });
  });
  if (unclaimed.size > 0) throw mismatch(optimizer, 'state of the parameters at hand', [...unclaimed].join(', '));
  for (const [i, group] of optimizer.paramGroups.entries()) restoreGroup(group, state.paramGroups[i] as JsonObject);
  for (const load of loads) load();
}

interface SavedParameter {
  readonly param: ParameterLike;
  readonly slots: readonly string[];
  /** The counter first where there is one, then the slots. */
  readonly arrays: readonly (HostArray | undefined)[];
}

/** Checks what is saved of one parameter; returns what writes it. */
function loadOf(optimizer: Restorable, { param, slots, arrays }: SavedParameter): () => void {
  const { store, countsSteps } = optimizer;
  if (arrays.every((array) => array === undefined)) {
    return () => {
      store.setSteps(param, 0);
      for (const slot of slots) store.write(slot, param);
    };
  }
  const counter = countsSteps ? arrays[0] : undefined;
  const steps = counter?.data instanceof BigInt64Array ? Number(counter.data[0]) : 1;
  const values = arrays.slice(countsSteps ? 1 : 0).map((array, i) => {
    if (array?.data instanceof Float32Array && String(array.shape) === String(param.shape)) return array.data;
    throw wrongSlot(optimizer, `${slots[i]}/${param.name} of shape (${param.shape.join(', ')}) float32`, array);
  });
  if (countsSteps && counter?.dtype !== 'int64') throw wrongSlot(optimizer, `step/${param.name}, int64`, counter);
  return () => {
    store.setSteps(param, steps);
    for (const [i, slot] of slots.entries()) store.write(slot, param, values[i]);
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
