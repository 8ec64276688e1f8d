import { EngineError, isPromise } from '@engine/core/plain';
import { BatchRows } from './batch-rows.js';
import { describeThrown } from './compose.js';
import type { Collate, CollateContext, HostBatchLike, MakeArray, Sample } from './contract.js';
import { defaultCollate } from './default-collate.js';
import { datasetErrors } from './errors.js';
import type { SampleSource } from './sample-source.js';
import type { SkippedSample } from './skipped.js';
import { zeros } from './zeros.js';

/** Makes batches: fetches the samples of its indices and collates them. Synchronous where the dataset is. */
export class BatchMaker {
  readonly #source: SampleSource;
  readonly #collate: Collate;

  constructor(source: SampleSource, collate: Collate) {
    this.#source = source;
    this.#collate = collate;
  }

  /**
   * `make` gives the memory of the batch.
   * @throws `ENGINE_DATASET_SAMPLE_FAILED`, `ENGINE_DATASET_NO_SAMPLE`, `ENGINE_DATASET_COLLATE_FAILED`, and coded errors of the collate function
   */
  make(indices: readonly number[], epoch: number, make: MakeArray = zeros): HostBatchLike | Promise<HostBatchLike> {
    const samples: (Sample | Promise<Sample>)[] = [];
    // other collate functions may keep samples apart, where each should be a piece of memory of its own
    const rows = this.#collate === defaultCollate ? new BatchRows(indices.length, make) : undefined;
    const memory = rows ?? { zeros: make };
    try {
      for (let i = 0; i < indices.length; i++)
        samples.push(this.#source.get({ index: indices[i] as number, epoch, row: rows?.row(i) }));
    } catch (error) {
      for (const sample of samples) if (isPromise(sample)) sample.catch(() => undefined); // the first error is the one to report
      throw error;
    }
    if (samples.some(isPromise))
      return Promise.all(samples.map((sample) => Promise.resolve(sample))).then((loaded) =>
        this.collate(loaded, { indices, memory }),
      );
    return this.collate(samples as Sample[], { indices, memory });
  }

  /** The damaged samples met since the last call. */
  takeSkipped(): readonly SkippedSample[] {
    return this.#source.takeSkipped();
  }

  /** The batch of samples that are there; `indices` are for messages. */
  collate(
    samples: readonly Sample[],
    { indices = [], memory = { zeros } }: { indices?: readonly number[]; memory?: CollateContext | undefined } = {},
  ): HostBatchLike {
    try {
      return this.#collate(samples, memory) as HostBatchLike;
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
