import { EngineError, isPromise } from '@engine/core/plain';
import { describeThrown } from './compose.js';
import type { Collate, HostBatchLike, Sample } from './contract.js';
import { datasetErrors } from './errors.js';
import type { SampleSource } from './sample-source.js';
import type { SkippedSample } from './skipped.js';
import { zeros, zerosShared } from './zeros.js';

/** Makes batches: fetches the samples of its indices and collates them. Synchronous where the dataset is. */
export class BatchMaker {
  readonly #source: SampleSource;
  readonly #collate: Collate;
  readonly #zeros: typeof zeros;

  /** `shared`: batches are made in shared memory. */
  constructor(source: SampleSource, collate: Collate, { shared = false }: { readonly shared?: boolean } = {}) {
    this.#source = source;
    this.#collate = collate;
    this.#zeros = shared ? zerosShared : zeros;
  }

  /** @throws `ENGINE_DATASET_SAMPLE_FAILED`, `ENGINE_DATASET_NO_SAMPLE`, `ENGINE_DATASET_COLLATE_FAILED`, and coded errors of the collate function */
  make(indices: readonly number[], epoch: number): HostBatchLike | Promise<HostBatchLike> {
    const samples: (Sample | Promise<Sample>)[] = [];
    try {
      for (const index of indices) samples.push(this.#source.get(index, epoch));
    } catch (error) {
      for (const sample of samples) if (isPromise(sample)) sample.catch(() => undefined); // the first error is the one to report
      throw error;
    }
    if (samples.some(isPromise))
      return Promise.all(samples.map((sample) => Promise.resolve(sample))).then((loaded) =>
        this.collate(loaded, indices),
      );
    return this.collate(samples as Sample[], indices);
  }

  /** The damaged samples met since the last call. */
  takeSkipped(): readonly SkippedSample[] {
    return this.#source.takeSkipped();
  }

  /** The batch of samples that are there; `indices` are for messages. */
  collate(samples: readonly Sample[], indices: readonly number[] = []): HostBatchLike {
    try {
      return this.#collate(samples, { zeros: this.#zeros }) as HostBatchLike;
    } catch (cause) {
      if (cause instanceof EngineError) throw cause;
      throw datasetErrors.COLLATE_FAILED({
        subject: this.#source.name,
        expected: 'samples that the collate function takes',
        received: `${describeThrown(cause)}${indices.length > 0 ? `, for indices ${indices.join(', ')}` : ''}`,
        action: 'fix the collate function or the samples; the cause has the stack',
        cause,
      });
    }
  }
}
