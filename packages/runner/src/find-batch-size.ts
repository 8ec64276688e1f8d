import { isPlainObject, type Logger, observeKernels, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { runnerErrors } from './errors.js';
import type { SessionInit } from './session.js';
import { probeTraining, type TrainingProbe } from './training-probe.js';

export interface FindBatchSizeRequest {
  /** Largest size that is tried; default the size of the dataset. */
  readonly maxBatchSize?: number | undefined;
  /** Bytes of tensors that a step may need at once; default as many as there are. */
  readonly maxBytes?: number | undefined;
  /** Steps of each size, after one that counts for nothing; default 3. */
  readonly steps?: number | undefined;
}

/** How training goes with one batch size. */
export interface BatchSizeTrial {
  readonly batchSize: number;
  readonly samplesPerSec: number;
  /** Most bytes in tensors at once, parameters included. */
  readonly peakBytes: number;
  /** Why it cannot be had; then the other figures are 0. */
  readonly failure?: string;
}

export interface FoundBatchSize {
  /** In the order in which they were made. */
  readonly trials: readonly BatchSizeTrial[];
  /** The largest that can be had. */
  readonly largest: number;
  /** The one that trains the most samples a second. */
  readonly fastest: number;
}

/**
 * Tries batch sizes: doubles that of the config until one cannot be had (it throws, or needs more memory than allowed), then halves the gap. Nothing of it stays.
 * @throws `ENGINE_RUNNER_NOTHING_TO_RUN`, `_BATCH_SIZE_GIVEN` for a data loader that is built, and what the first trial throws
 */
export async function findBatchSize(
  init: SessionInit,
  logger: Logger,
  request: FindBatchSizeRequest,
): Promise<FoundBatchSize> {
  const config = init.options.trainDataloader;
  if (!isPlainObject(config) && config !== undefined) throw built();
  const key = isPlainObject(config) && 'batch_size' in config ? 'batch_size' : 'batchSize';
  const trials: BatchSizeTrial[] = [];
  let most = request.maxBatchSize ?? Number.POSITIVE_INFINITY;
  const start = Math.min(most, Number((config as Record<string, unknown> | undefined)?.[key] ?? 1));
  const tryOne = async (batchSize: number): Promise<boolean> => {
    const options = { ...init.options, trainDataloader: { ...(config as object | undefined), [key]: batchSize } };
    try {
      const found = await probeTraining({ ...init, options }, { logger, asked: 'findBatchSize' }, async (probe) => {
        most = Math.min(most, probe.dataloader.dataset.length);
        return measure(probe, init, request.steps ?? 3);
      });
      const failure = found.peakBytes > (request.maxBytes ?? Number.POSITIVE_INFINITY) ? 'too much memory' : undefined;
      trials.push({ batchSize, ...found, ...(failure !== undefined && { failure }) });
      return failure === undefined;
    } catch (error) {
      if (trials.length === 0) throw error; // it is not for its size that nothing works
      const failure = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      trials.push({ batchSize, samplesPerSec: 0, peakBytes: 0, failure });
      return false;
    }
  };
  let [good, bad] = [0, Number.POSITIVE_INFINITY];
  for (let size = start; ; ) {
    if (await tryOne(size)) good = size;
    else bad = size;
    const next = bad === Number.POSITIVE_INFINITY ? Math.min(2 * good, most) : Math.floor((good + bad) / 2);
    if (next <= good || next >= bad || bad - good <= Math.max(1, good / 8)) break;
    size = next;
  }
  const sound = trials.filter(({ failure }) => failure === undefined);
  const fastest = sound.reduce(
    (a, b) => (b.samplesPerSec > a.samplesPerSec ? b : a),
    sound[0] ?? { batchSize: 0, samplesPerSec: 0 },
  );
  return { trials, largest: good, fastest: fastest.batchSize };
}

async function measure(
  probe: TrainingProbe,
  { runtime: { platform } }: SessionInit,
  steps: number,
): Promise<Pick<BatchSizeTrial, 'samplesPerSec' | 'peakBytes'>> {
  const { model, optimWrapper, dataloader, backend, seed } = probe;
  const batches = probe.batches();
  let [peakBytes, time] = [0, 0];
  const stop = observeKernels(
    () => 0,
    () => void (peakBytes = Math.max(peakBytes, tf.memory().numBytes)),
  );
  try {
    for (let step = 0; step <= steps; step += 1) {
      const { value: batch } = await batches.next();
      const start = platform.monotonic();
      model.beginStep?.({ seed, iteration: step });
      const outputs = tensorScope(() => model.trainStep(batch, optimWrapper));
      await outputs.read('loss');
      await backend.synchronize();
      outputs.dispose();
      await optimWrapper.settle?.();
      if (step > 0) time += platform.monotonic() - start;
    }
  } finally {
    stop();
    await batches.return(undefined as never);
  }
  return { samplesPerSec: time > 0 ? (1000 * steps * dataloader.batchSize) / time : 0, peakBytes };
}

function built(): Error {
  return runnerErrors.BATCH_SIZE_GIVEN({
    subject: 'trainDataloader',
    expected: 'a config, of which loaders with other batch sizes can be made',
    received: 'a data loader that is built',
    action: 'give trainDataloader as { dataset, batchSize, ... }',
  });
}
