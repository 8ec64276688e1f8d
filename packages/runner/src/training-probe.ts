/** A training that leaves nothing behind: for finding out what a config does before it is run in earnest. */
import type { Backend, Logger } from '@engine/core';
import type { DataLoaderLike } from '@engine/dataset';
import type { HostBatch, TrainableModel } from '@engine/model';
import type { OptimWrapperLike } from '@engine/optim';
import { applyWeights } from './checkpoint-state.js';
import { Components } from './components.js';
import { runnerErrors } from './errors.js';
import { drawInitialWeights } from './initial-weights.js';
import { isGiven } from './options.js';
import type { SessionInit } from './session.js';
import { inLayoutsOf, readWeights } from './torch-checkpoint.js';

export interface TrainingProbe {
  readonly backend: Backend;
  readonly model: TrainableModel;
  readonly optimWrapper: OptimWrapperLike;
  readonly dataloader: DataLoaderLike;
  readonly seed: number;
  /** Batches of one epoch after the other, without end. */
  batches(): AsyncGenerator<HostBatch, never, undefined>;
}

/**
 * Builds model, data and optimizer as a training would, with initial weights or those of `loadFrom`, hands them to `body`, and frees what was
 * made. Objects that the options hold get back the weights and the state that they had. Opens no work dir.
 * @throws `ENGINE_RUNNER_NOTHING_TO_RUN`, and what building the parts throws
 */
export async function probeTraining<T>(
  init: SessionInit,
  { logger, asked }: { readonly logger: Logger; readonly asked: string },
  body: (probe: TrainingProbe) => Promise<T>,
): Promise<T> {
  const { options, plain, runtime } = init;
  if (!isGiven(options.trainCfg)) throw nothingToTrain(asked);
  const components = new Components({ ...init, logger });
  const backend = components.backend();
  await backend.init();
  const model = components.model();
  const isOwn = { model: model !== options.model, backend: backend !== options.backend };
  const before = isOwn.model ? undefined : await model.stateDict();
  try {
    const seed = plain.randomness.seed ?? 0;
    await drawInitialWeights(model, { components, storage: runtime.storage, logger, source: seed });
    if (isGiven(plain.loadFrom)) {
      const path = runtime.storage.resolve(plain.loadFrom as string);
      const weights = await readWeights(runtime.storage, path, logger);
      applyWeights(model, inLayoutsOf(model, weights), { strict: false });
    }
    const dataloader = await components.dataLoader('trainDataloader', seed);
    const optimWrapper = components.optimWrapper(model, backend);
    const isOwnWrapper = optimWrapper !== options.optimWrapper;
    const state = isOwnWrapper ? undefined : await optimWrapper.stateDict();
    try {
      model.train();
      return await body({ backend, model, optimWrapper, dataloader, seed, batches: () => endless(dataloader) });
    } finally {
      if (state !== undefined) optimWrapper.loadStateDict(state);
      if (isOwnWrapper) optimWrapper.dispose();
      await dataloader.close();
    }
  } finally {
    if (before !== undefined) model.loadStateDict(before);
    if (isOwn.model) model.dispose();
    if (isOwn.backend) await backend.dispose();
  }
}

async function* endless(dataloader: DataLoaderLike): AsyncGenerator<HostBatch, never, undefined> {
  for (let epoch = 0; ; epoch += 1) {
    dataloader.setEpoch(epoch);
    for await (const batch of dataloader.batches()) yield batch;
  }
}

function nothingToTrain(asked: string): Error {
  return runnerErrors.NOTHING_TO_RUN({
    subject: `runner.${asked}()`,
    expected: 'trainDataloader, trainCfg and optimWrapper in the options',
    received: 'no trainCfg',
    action: 'give them: what is found out is how a training goes',
  });
}
