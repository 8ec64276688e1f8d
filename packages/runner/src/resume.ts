/** Which checkpoint a run starts from, and putting it back there. */

import type { Logger } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import type { LoadedCheckpoint } from '@engine/hooks';
import { readCheckpoint } from './checkpoint.js';
import { applyState, applyWeights, compareWeights } from './checkpoint-state.js';
import { removeBeside } from './checkpoint-store.js';
import { passLength } from './endless-batches.js';
import { runnerErrors } from './errors.js';
import type { TrainLoop, TrainPosition } from './loop.js';
import type { Run } from './run.js';
import { inLayoutsOf, readWeights, type WeightsFile } from './torch-checkpoint.js';
import type { WorkDir } from './work-dir.js';

/** A checkpoint to start from: everything of it (`resume`) or its weights (`load`), which may be those of PyTorch. */
export interface StartPoint extends WeightsFile {
  readonly how: 'resume' | 'load';
}

export interface StartOptions {
  readonly resume: boolean | string;
  readonly loadFrom?: string | null | undefined;
}

/** Finds and reads what `resume` and `loadFrom` ask for; undefined for a fresh start. */
export async function findStart(
  { resume, loadFrom }: StartOptions,
  { storage, dir, logger }: { storage: StorageBackend; dir: WorkDir; logger: Logger },
): Promise<StartPoint | undefined> {
  const path = typeof resume === 'string' ? resume : (loadFrom ?? undefined);
  const how = resume === false ? 'load' : 'resume';
  if (path !== undefined && how === 'load')
    return { how, ...(await readWeights(storage, storage.resolve(path), logger)) };
  if (resume === false) return undefined;
  const checkpoint =
    path === undefined ? await dir.findLast(logger) : await readCheckpoint(storage, storage.resolve(path), logger);
  if (checkpoint !== undefined) return { how, checkpoint, isTorch: false };
  logger.info(`There is nothing to resume in ${dir.path}: starting a fresh run.`);
  return undefined;
}

/** The seed of the run that is resumed; it wins over a configured one, because sample order and dropout follow from it. */
export function resumedSeed(start: StartPoint | undefined): number | undefined {
  return start?.how === 'resume' ? start.checkpoint.meta.seeds.run : undefined;
}

/**
 * Puts the run back to where the checkpoint was saved.
 * @throws `ENGINE_RUNNER_CHECKPOINT_MISMATCH`, `_CHECKPOINT_WITHOUT_STATE`, `_CHECKPOINT_WORLD_SIZE`
 */
export async function resumeFrom(run: Run, loop: TrainLoop, checkpoint: LoadedCheckpoint): Promise<void> {
  checkWorldSize(run, loop, checkpoint);
  checkEpochLength(run, loop, checkpoint);
  run.resumed = true;
  await run.call('afterLoadCheckpoint', { checkpoint });
  warnOfUnusedAverages(run, checkpoint);
  const unused = applyState(
    {
      model: run.model,
      messageHub: run.messageHub,
      hooks: run.hooks,
      optimWrapper: run.optimWrapper,
      paramSchedulers: run.paramSchedulers,
    },
    checkpoint,
  );
  for (const key of unused)
    run.logger.warn(`The checkpoint has a state for the hook ${key}, which this run does not have.`);
  loop.restore(positionOf(checkpoint));
  await removeBeside(run, checkpoint.path, replacedBy(checkpoint));
  run.logger.info(
    `resumed epoch: ${checkpoint.meta.epoch}, iter: ${checkpoint.meta.iter}, from ${run.dir.show(checkpoint.path)}`,
  );
}

/** Files that the run was killed before it could remove. */
function replacedBy({ meta: { replaces } }: LoadedCheckpoint): readonly string[] {
  return Array.isArray(replaces) ? replaces.filter((name): name is string => typeof name === 'string') : [];
}

/**
 * Takes the weights only. For training, names that do not fit are told in a warning; for validation and testing they are an error.
 * @throws `ENGINE_RUNNER_CHECKPOINT_MISMATCH`
 */
export async function loadWeights(
  run: Run,
  weights: WeightsFile,
  { strict }: { readonly strict: boolean },
): Promise<void> {
  const checkpoint = inLayoutsOf(run.model, weights);
  await run.call('afterLoadCheckpoint', { checkpoint });
  const { shared, missing, unexpected } = await compareWeights(run.model, checkpoint);
  applyWeights(run.model, checkpoint, { strict: strict || shared.length === 0 });
  if (missing.length > 0) run.logger.warn(`Not in ${checkpoint.path}, left as they are: ${missing.join(', ')}`);
  if (unexpected.length > 0)
    run.logger.warn(`In ${checkpoint.path} but not in the model, left out: ${unexpected.join(', ')}`);
  run.logger.info(`Load checkpoint from ${run.dir.show(checkpoint.path)}`);
}

/** What an EMAHook has taken is not there any more. */
function warnOfUnusedAverages({ logger }: Run, { path, tensors }: LoadedCheckpoint): void {
  if ([...tensors.keys()].some((name) => name.startsWith('ema/')))
    logger.warn(
      `${path} was saved with averaged weights, but no EMAHook takes them: this run goes on from the averages, not from the weights that were trained.`,
    );
}

function positionOf({ meta }: LoadedCheckpoint): TrainPosition {
  return { epoch: meta.epoch, iter: meta.iter, batchInEpoch: meta.batchInEpoch, validationDue: meta.validationDue };
}

/**
 * Between epochs another number of processes is allowed: the order of samples changes, nothing is seen twice or left out. So it is where
 * iterations are counted, which have no epoch to complete.
 */
function checkWorldSize({ communicator, logger }: Run, { byEpoch }: TrainLoop, { path, meta }: LoadedCheckpoint): void {
  if (meta.worldSize === communicator.size) return;
  if (meta.batchInEpoch === 0 || !byEpoch) {
    logger.warn(
      `${path} was saved by ${meta.worldSize} processes and is resumed by ${communicator.size}: results will differ.`,
    );
    return;
  }
  throw runnerErrors.CHECKPOINT_WORLD_SIZE({
    subject: path,
    expected: `${meta.worldSize} processes, as when it was saved in the middle of an epoch`,
    received: `${communicator.size}`,
    action: `start ${meta.worldSize} processes, or resume from a checkpoint saved at the end of an epoch`,
  });
}

function checkEpochLength({ logger }: Run, loop: TrainLoop, { path, meta }: LoadedCheckpoint): void {
  const { byEpoch, dataloader, stepsPerBatch = 1 } = loop;
  const batches = Math.floor(meta.iter / stepsPerBatch);
  const expected = meta.epoch * dataloader.length + meta.batchInEpoch;
  const fits = byEpoch ? expected === batches : batches % passLength(dataloader) === meta.batchInEpoch;
  if (fits) return;
  if (meta.batchInEpoch === 0 || !byEpoch) {
    logger.warn(
      `${path} was saved with ${byEpoch ? 'epochs' : 'passes'} of another length than ${dataloader.length} batches; the batch size or the dataset has changed.`,
    );
    return;
  }
  throw runnerErrors.CHECKPOINT_MISMATCH({
    subject: path,
    expected: `iteration ${expected * stepsPerBatch} for epoch ${meta.epoch}, batch ${meta.batchInEpoch} of ${dataloader.length}`,
    received: `iteration ${meta.iter}`,
    action: 'keep batch size and dataset as they were, or resume from a checkpoint saved at the end of an epoch',
  });
}
