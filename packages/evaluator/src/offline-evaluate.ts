import type { Communicator } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { EvaluatorLike, MetricValues } from './contract.js';
import { evaluatorErrors } from './errors.js';
import { predictionsOf } from './host-samples.js';

export interface OfflineOptions<D = unknown> {
  /** What the samples were predicted from, one for each; `process` sees it as its batch, `undefined` without. */
  readonly data?: readonly D[] | undefined;
  /** Makes a batch of a chunk of `data`. Default: the list of them. */
  readonly collate?: ((items: readonly D[]) => unknown) | undefined;
  /** Samples shown at a time. Default 1. */
  readonly chunkSize?: number | undefined;
  readonly communicator?: Communicator | undefined;
}

/**
 * Evaluates predictions that were made before, e.g. dumped by {@link DumpResults}: shows them to the evaluator in chunks, in order.
 *
 * `samples`: any iterable, asynchronous ones too; it is read once, a chunk at a time.
 * @throws `ENGINE_EVALUATOR_BAD_CHUNK`, `ENGINE_EVALUATOR_DATA_LENGTH`, and what the metrics throw
 */
export async function offlineEvaluate<D>(
  evaluator: EvaluatorLike,
  samples: Iterable<unknown> | AsyncIterable<unknown>,
  { data, collate = (items) => items, chunkSize = 1, communicator }: OfflineOptions<D> = {},
): Promise<MetricValues> {
  requireChunk(chunkSize);
  if (data !== undefined && Array.isArray(samples) && samples.length !== data.length)
    throw lengthDiffers(samples.length, data.length);
  let size = 0;
  let chunk: unknown[] = [];
  const show = async (): Promise<void> => {
    const items = data?.slice(size, size + chunk.length);
    if (items !== undefined && items.length < chunk.length) throw lengthDiffers(size + chunk.length, data?.length ?? 0);
    const predictions = predictionsOf(chunk);
    try {
      await evaluator.process(items === undefined ? undefined : collate(items), predictions);
    } finally {
      if (predictions !== chunk) tf.dispose(predictions as tf.Tensor[]);
    }
    size += chunk.length;
    chunk = [];
  };
  for await (const sample of samples) {
    chunk.push(sample);
    if (chunk.length === chunkSize) await show();
  }
  if (chunk.length > 0) await show();
  if (data !== undefined && data.length !== size) throw lengthDiffers(size, data.length);
  return evaluator.evaluate(size, communicator);
}

function requireChunk(chunkSize: number): void {
  if (Number.isSafeInteger(chunkSize) && chunkSize > 0) return;
  throw evaluatorErrors.BAD_CHUNK({
    expected: 'a whole number of samples, 1 at least',
    received: `chunkSize = ${chunkSize}`,
    action: 'leave it out to show one sample at a time',
  });
}

function lengthDiffers(samples: number, data: number): Error {
  return evaluatorErrors.DATA_LENGTH({
    expected: 'as many data as samples',
    received: `${samples} samples and ${data} data`,
    action: 'pass the data that the samples were predicted from, in the same order',
  });
}
