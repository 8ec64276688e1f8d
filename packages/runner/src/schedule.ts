/** What the schedulers of a run will set, found without training. */
import type { Logger } from '@engine/core';
import type { DataLoaderLike } from '@engine/dataset';
import type { TrainableModel } from '@engine/model';
import type { OptimWrapperLike, ParamGroup } from '@engine/optim';
import { initialName, momentumField, type ParamScheduler, readField } from '@engine/scheduler';
import { Components } from './components.js';
import { runnerErrors } from './errors.js';
import type { LoopRun, TrainLoop } from './loop.js';
import { isGiven } from './options.js';
import { namedWrappers } from './param-schedulers.js';
import { scaleLr } from './scale-lr.js';
import type { SessionInit } from './session.js';

export interface ScheduleRequest {
  /** A field of the parameter groups; `momentum` is `betas[0]` for Adam and its kin. Default: `lr`. */
  readonly field?: string;
  /** Iterations of an epoch. Default: asks the data loader, which prepares its dataset. */
  readonly epochLength?: number | undefined;
}

/** Groups that always have the same value. */
export interface ScheduleCurve {
  /** The field, or which parameters these are where there is more than one curve. */
  readonly label: string;
  readonly parameters: readonly string[];
  /** The value in force in each iteration. */
  readonly values: Float64Array;
}

export interface Schedule {
  readonly field: string;
  readonly epochLength: number;
  readonly maxEpochs: number;
  readonly maxIters: number;
  readonly curves: readonly ScheduleCurve[];
  /** Metrics that schedules wait for; what they would do then is not in the curves. */
  readonly followed: readonly string[];
}

/** @throws `ENGINE_RUNNER_NOTHING_TO_RUN`, `_EPOCH_LENGTH_UNKNOWN`, `ENGINE_SCHEDULER_NO_FIELD`, and what building the parts throws */
export async function foresee(init: SessionInit, logger: Logger, request: ScheduleRequest): Promise<Schedule> {
  const { options } = init;
  if (!isGiven(options.trainCfg)) throw nothingToTrain();
  const components = new Components({ ...init, logger });
  const backend = components.backend();
  await backend.init(); // optimizers make their state when they are made
  const model = components.model();
  try {
    const dataloader = await loaderOf(components, init, request.epochLength);
    const wrapper = components.optimWrapper(model, backend);
    const restore = remember(wrapper, options.paramScheduler);
    try {
      const loop = components.trainLoop({ run: {} as LoopRun, dataloader });
      const batchSize = dataloader.batchSize * init.runtime.communicator.size;
      scaleLr(wrapper, init.plain.autoScaleLr, { batchSize, logger });
      return simulate(loop, { wrapper, schedulers: components.paramSchedulers(wrapper, loop), field: request.field });
    } finally {
      restore();
      if (wrapper !== options.optimWrapper) wrapper.dispose();
      await dataloader.close();
    }
  } finally {
    if (model !== (options.model as TrainableModel)) model.dispose();
    if (backend !== options.backend) await backend.dispose();
  }
}

interface Simulated {
  readonly wrapper: OptimWrapperLike;
  readonly schedulers: readonly ParamScheduler[];
  readonly field: string | undefined;
}

function simulate(loop: TrainLoop, { wrapper, schedulers, field: asked = 'lr' }: Simulated): Schedule {
  const { maxEpochs, maxIters, dataloader, byEpoch } = loop;
  const epochLength = dataloader.length;
  const groups = [...namedWrappers(wrapper)].flatMap(([owner, { optimizer }]) =>
    optimizer.paramGroups.map((group) => ({ owner, group })),
  );
  const field = asked === 'momentum' ? momentumField({ paramGroups: groups.map(({ group }) => group) }) : asked;
  const clusters = clusterGroups(groups, field);
  const values = clusters.map(() => new Float64Array(maxIters));
  for (let iter = 0; iter < maxIters; iter += 1) {
    for (const [i, [{ group }]] of clusters.entries()) (values[i] as Float64Array)[iter] = readField(group, field);
    for (const scheduler of schedulers) if (!scheduler.byEpoch) scheduler.step();
    if (!byEpoch || (iter + 1) % epochLength > 0) continue;
    for (const scheduler of schedulers) if (scheduler.byEpoch) scheduler.step();
  }
  const curves = clusters.map((cluster, i) => {
    const parameters = cluster.flatMap(({ group }) => group.params.map(({ name }) => name));
    const [{ owner }] = cluster;
    const label = owner === '' ? labelOf(parameters) : `${owner}: ${labelOf(parameters)}`;
    return { label: clusters.length === 1 ? field : label, parameters, values: values[i] as Float64Array };
  });
  const followed = schedulers.flatMap(({ needsMetrics, monitor }) => (needsMetrics ? [monitor ?? 'a metric'] : []));
  return { field, epochLength, maxEpochs, maxIters, curves, followed: [...new Set(followed)] };
}

interface OwnedGroup {
  /** Name of the wrapper; '' where there is one. */
  readonly owner: string;
  readonly group: ParamGroup;
}
type Cluster = [OwnedGroup, ...OwnedGroup[]];

/** Schedules treat the groups of an optimizer alike: those that begin alike stay alike. */
function clusterGroups(groups: readonly OwnedGroup[], field: string): Cluster[] {
  const clusters = new Map<string, Cluster>();
  for (const owned of groups) {
    const { owner, group } = owned;
    const { maxLr, minLr } = group;
    const key = JSON.stringify([owner, readField(group, field), group[initialName(field)], maxLr, minLr]);
    const cluster = clusters.get(key);
    if (cluster === undefined) clusters.set(key, [owned]);
    else cluster.push(owned);
  }
  return [...clusters.values()];
}

/** `backbone.* (12 parameters)`, or the name of the only one. */
function labelOf(parameters: readonly string[]): string {
  const [first = 'no parameters', ...others] = parameters;
  if (others.length === 0) return first;
  const parts = first.split('.');
  let shared = 0;
  while (shared < parts.length - 1 && others.every((name) => name.split('.')[shared] === parts[shared])) shared += 1;
  const count = `${parameters.length} parameters`;
  return shared > 0 ? `${parts.slice(0, shared).join('.')}.* (${count})` : `${first}, ... (${count})`;
}

/** The loader of the run, or one that only knows its length. */
async function loaderOf(
  components: Components,
  { options, plain }: SessionInit,
  epochLength: number | undefined,
): Promise<DataLoaderLike> {
  if (epochLength !== undefined) return { ...nothingToLoad, length: epochLength, batchSize: batchSizeOf(options) };
  try {
    return await components.dataLoader('trainDataloader', plain.randomness.seed ?? 0);
  } catch (cause) {
    throw runnerErrors.EPOCH_LENGTH_UNKNOWN({
      subject: 'trainDataloader',
      expected: 'a data loader that can tell how many batches an epoch has',
      received: cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause),
      action: 'say how many: epochLength (--epoch-length on the command line), or mend the data loader',
      cause,
    });
  }
}

function batchSizeOf({ trainDataloader }: SessionInit['options']): number {
  const { batchSize, batch_size: spelt } = (trainDataloader ?? {}) as Record<string, unknown>;
  const given = batchSize ?? spelt;
  return typeof given === 'number' ? given : 1;
}

const nothingToLoad: Omit<DataLoaderLike, 'length' | 'batchSize'> = {
  dataset: { metainfo: {}, length: 0, init: async () => {}, get: () => null },
  sampler: { length: 0, indices: () => [] },
  epoch: 0,
  init: async () => {},
  setEpoch() {},
  batches: async function* () {},
  close: async () => {},
};

/** Objects that the user has built are as before afterwards. */
function remember(wrapper: OptimWrapperLike, given: unknown): () => void {
  const groups = [...namedWrappers(wrapper).values()].flatMap(({ paramGroups }) =>
    paramGroups.map((group) => [group, { ...group }] as const),
  );
  const built = [given].flat().filter((item): item is ParamScheduler => isScheduler(item));
  const states = built.map((scheduler) => scheduler.stateDict());
  return () => {
    for (const [group, fields] of groups) {
      for (const name of Object.keys(group)) if (!(name in fields)) delete group[name];
      Object.assign(group, fields);
    }
    for (const [i, scheduler] of built.entries()) scheduler.loadStateDict(states[i] as (typeof states)[number]);
  };
}

function isScheduler(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'stateDict' in item && 'step' in item;
}

function nothingToTrain(): Error {
  return runnerErrors.NOTHING_TO_RUN({
    subject: 'runner.schedule()',
    expected: 'trainDataloader, trainCfg and optimWrapper in the options',
    received: 'no trainCfg',
    action: 'give them: a schedule is one of a training',
  });
}
