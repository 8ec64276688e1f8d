/** What of a run goes into a checkpoint and back: names of tensors and sections, see ARCHITECTURE 5.5. */
import type { HostArray, Json, JsonObject, SavedState } from '@engine/core';
import { EngineError } from '@engine/core';
import type { CheckpointDraft, CheckpointMeta, HookList, LoadedCheckpoint } from '@engine/hooks';
import type { MessageHub } from '@engine/logging';
import type { TrainableModel } from '@engine/model';
import type { OptimWrapperLike } from '@engine/optim';
import type { ParamScheduler } from '@engine/scheduler';
import { runnerErrors } from './errors.js';
import { namedWrappers } from './param-schedulers.js';

/** The parts of a run that have state. */
export interface StatefulParts {
  readonly model: TrainableModel;
  readonly messageHub: MessageHub;
  readonly hooks: HookList;
  readonly optimWrapper: OptimWrapperLike | undefined;
  readonly paramSchedulers: readonly ParamScheduler[];
}

export interface WhatToSave {
  readonly optimizer: boolean;
  readonly paramScheduler: boolean;
}

const [MODEL, HOOK] = ['model/', 'hook/'] as const;

/** Reads everything back from the device and assembles a draft. The run must stand still meanwhile. */
export async function captureState(
  parts: StatefulParts,
  meta: CheckpointMeta,
  what: WhatToSave,
): Promise<CheckpointDraft> {
  const tensors = new Map<string, HostArray>();
  const sections = new Map<string, Json>();
  addAll(tensors, MODEL, await parts.model.stateDict());
  sections.set('layouts', layoutsOf(parts.model));
  if (what.optimizer && parts.optimWrapper !== undefined) {
    const [groups, scaler]: [JsonObject, JsonObject] = [{}, {}];
    for (const [name, wrapper] of checkpointNames(parts.optimWrapper)) {
      const state = await wrapper.stateDict();
      addAll(tensors, optim(name), state.tensors);
      groups[name] = [...state.paramGroups];
      scaler[name] = state.values;
    }
    sections.set('paramGroups', groups);
    sections.set('scaler', scaler);
  }
  if (what.paramScheduler)
    sections.set(
      'schedulers',
      parts.paramSchedulers.map((scheduler) => scheduler.stateDict()),
    );
  const hooks: JsonObject = {};
  for (const [key, state] of await parts.hooks.stateDict()) {
    hooks[key] = state.values;
    addAll(tensors, `${HOOK}${key}/`, state.tensors);
  }
  sections.set('hooks', hooks);
  sections.set('messageHub', await parts.messageHub.stateDict());
  return { meta, tensors, sections };
}

/** Weights and buffers of the model in a checkpoint, by name. */
export function weightsOf(checkpoint: LoadedCheckpoint): ReadonlyMap<string, HostArray> {
  return under(checkpoint.tensors, MODEL);
}

/** Copies the weights of a checkpoint into a model, and nothing else. @throws `ENGINE_RUNNER_CHECKPOINT_MISMATCH` */
export function applyWeights(
  model: TrainableModel,
  checkpoint: LoadedCheckpoint,
  { strict }: { readonly strict: boolean },
): void {
  const state = weightsOf(checkpoint);
  refusing(checkpoint, 'build the model with the options it was saved with, or give the checkpoint of this model', () =>
    model.loadStateDict(state, { strict }),
  );
}

/** Names of weights that a checkpoint and a model share, and do not. */
export async function compareWeights(
  model: TrainableModel,
  checkpoint: LoadedCheckpoint,
): Promise<Readonly<Record<'shared' | 'missing' | 'unexpected', readonly string[]>>> {
  const [own, saved] = [[...(await model.stateDict()).keys()], weightsOf(checkpoint)];
  const unexpected = [...saved.keys()].filter((name) => !own.includes(name));
  return { shared: own.filter((name) => saved.has(name)), missing: own.filter((name) => !saved.has(name)), unexpected };
}

/**
 * Puts a run back to where the checkpoint was saved; weights included. Resolves with state keys of hooks that are not there any more.
 * @throws `ENGINE_RUNNER_CHECKPOINT_MISMATCH`, `ENGINE_RUNNER_CHECKPOINT_WITHOUT_STATE`
 */
export function applyState(parts: StatefulParts, checkpoint: LoadedCheckpoint): string[] {
  applyWeights(parts.model, checkpoint, { strict: true });
  applyOptimizer(parts, checkpoint);
  applySchedulers(parts, checkpoint);
  const hub = checkpoint.sections.get('messageHub');
  if (isObject(hub)) refusing(checkpoint, 'give an undamaged checkpoint', () => parts.messageHub.loadStateDict(hub));
  const hooks = checkpoint.sections.get('hooks');
  const states = Object.entries(isObject(hooks) ? hooks : {}).map(([key, values]): [string, SavedState] => [
    key,
    { values: isObject(values) ? values : {}, tensors: under(checkpoint.tensors, `${HOOK}${key}/`) },
  ]);
  return parts.hooks.loadStateDict(new Map(states));
}

/** The wrappers by the names that checkpoints have for them. */
function checkpointNames(wrapper: OptimWrapperLike): ReadonlyMap<string, OptimWrapperLike> {
  return new Map([...namedWrappers(wrapper)].map(([name, each]) => [name === '' ? 'default' : name, each]));
}

const optim = (wrapper: string): string => `optim/${wrapper}/`;

function applyOptimizer({ optimWrapper }: StatefulParts, checkpoint: LoadedCheckpoint): void {
  if (optimWrapper === undefined) return;
  const groups = checkpoint.sections.get('paramGroups');
  const values = checkpoint.sections.get('scaler');
  if (!isObject(groups) || !isObject(values)) throw withoutState(checkpoint, 'optimizer');
  const wrappers = checkpointNames(optimWrapper);
  checkWrappers(checkpoint, [...wrappers.keys()], Object.keys(groups));
  for (const [name, wrapper] of wrappers) {
    const [own, paramGroups] = [values[name], groups[name]];
    if (!isObject(own) || !Array.isArray(paramGroups)) throw withoutState(checkpoint, 'optimizer');
    const state = {
      paramGroups: paramGroups as JsonObject[],
      values: own,
      tensors: under(checkpoint.tensors, optim(name)),
    };
    refusing(checkpoint, 'keep the model, optimizer and its groups as they were when the run began', () =>
      wrapper.loadStateDict(state),
    );
  }
}

function checkWrappers({ path }: LoadedCheckpoint, own: readonly string[], saved: readonly string[]): void {
  if (saved.length === own.length && saved.every((name) => own.includes(name))) return;
  throw runnerErrors.CHECKPOINT_MISMATCH({
    subject: path,
    expected: `the state of the optim wrappers ${own.join(', ')}`,
    received: `that of ${saved.join(', ') || 'none'}`,
    action: 'keep optimWrapper as it was when the run began, or take the weights only: loadFrom without resume',
  });
}

function applySchedulers({ paramSchedulers }: StatefulParts, checkpoint: LoadedCheckpoint): void {
  const saved = checkpoint.sections.get('schedulers');
  if (!Array.isArray(saved)) throw withoutState(checkpoint, 'schedulers');
  if (saved.length !== paramSchedulers.length) {
    throw runnerErrors.CHECKPOINT_MISMATCH({
      subject: checkpoint.path,
      expected: `the state of ${paramSchedulers.length} parameter scheduler(s)`,
      received: `the state of ${saved.length}`,
      action: 'keep paramScheduler as it was when the run began, or start a new run with loadFrom',
    });
  }
  refusing(checkpoint, 'keep paramScheduler as it was when the run began', () => {
    for (const [index, scheduler] of paramSchedulers.entries()) scheduler.loadStateDict(saved[index] as JsonObject);
  });
}

/** Runs `load`; what it refuses becomes an error that names the checkpoint. */
function refusing(checkpoint: LoadedCheckpoint, action: string, load: () => void): void {
  try {
    load();
  } catch (cause) {
    if (!(cause instanceof EngineError)) throw cause;
    throw runnerErrors.CHECKPOINT_MISMATCH({
      subject: checkpoint.path,
      expected: cause.expected,
      received: cause.received,
      action,
      cause,
    });
  }
}

function withoutState(checkpoint: LoadedCheckpoint, what: string): Error {
  return runnerErrors.CHECKPOINT_WITHOUT_STATE({
    subject: checkpoint.path,
    expected: 'a checkpoint with the state of the whole run',
    received: `one without the state of the ${what}`,
    action: 'resume from an epoch_N or iter_N checkpoint, or take its weights only: loadFrom without resume',
  });
}

function layoutsOf(model: TrainableModel): JsonObject {
  const transposed = [...model.namedParameters()].filter(([, { torchLayout }]) => torchLayout !== 'same');
  return Object.fromEntries(transposed.map(([name, { torchLayout }]) => [MODEL + name, torchLayout]));
}

function addAll(target: Map<string, HostArray>, prefix: string, source: ReadonlyMap<string, HostArray>): void {
  for (const [name, array] of source) target.set(prefix + name, array);
}

function under(tensors: ReadonlyMap<string, HostArray>, prefix: string): Map<string, HostArray> {
  return new Map(
    [...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, array]) => [name.slice(prefix.length), array]),
  );
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
