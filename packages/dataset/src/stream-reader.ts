import { EngineError } from '@engine/core/plain';
import { describeThrown } from './compose.js';
import type { Sample } from './contract.js';
import { datasetErrors } from './errors.js';
import type { IterableDataset, StreamContext, StreamItem } from './iterable-dataset.js';
import { nameOf } from './naming.js';

/** Samples at some places of a stream. */
export interface StreamPiece {
  readonly samples: readonly Sample[];
  /** False when the stream ended before. */
  readonly isWhole: boolean;
}

/** Reads a stream forwards, piece by piece. Places are those of the rank's share, from 0. */
export class StreamReader {
  readonly #dataset: IterableDataset;
  readonly #epoch: number;
  readonly #items: AsyncGenerator<StreamItem>;
  #place: number;

  constructor(dataset: IterableDataset, ctx: StreamContext) {
    this.#dataset = dataset;
    this.#epoch = ctx.epoch;
    this.#place = ctx.start;
    this.#items = itemsOf(dataset, ctx);
  }

  /**
   * The samples at places `from` to `to`, which are not before those of the last call; undefined when the stream has none of them.
   * @throws `ENGINE_DATASET_SAMPLE_FAILED`; `ENGINE_DATASET_NO_SAMPLE` when all of them are null
   */
  async take(from: number, to: number): Promise<StreamPiece | undefined> {
    const samples: Sample[] = [];
    const start = Math.max(from, this.#place);
    while (this.#place < to) {
      const item = await this.#next();
      if (item === undefined) break;
      const isWanted = this.#place >= from;
      const sample = isWanted ? await this.#made(item) : null;
      if (sample !== null) samples.push(sample);
      this.#place += 1;
    }
    if (this.#place <= start) return undefined;
    if (samples.length === 0) throw this.#nothing(from, to);
    return { samples, isWhole: this.#place === to };
  }

  async close(): Promise<void> {
    await this.#items.return(undefined);
  }

  async #next(): Promise<StreamItem | undefined> {
    try {
      const { done, value } = await this.#items.next();
      return done === true ? undefined : value;
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  async #made(item: StreamItem): Promise<Sample | null> {
    if (typeof item !== 'function') return item;
    try {
      return await item();
    } catch (cause) {
      throw this.#failed(cause);
    }
  }

  #failed(cause: unknown): Error {
    return datasetErrors.SAMPLE_FAILED({
      subject: `${nameOf(this.#dataset)}, sample ${this.#place} of epoch ${this.#epoch}`,
      expected: 'a sample',
      received: cause instanceof EngineError ? `${cause.code}: ${cause.received}` : describeThrown(cause),
      action: 'look at the cause',
      cause,
    });
  }

  #nothing(from: number, to: number): Error {
    return datasetErrors.NO_SAMPLE({
      subject: `${nameOf(this.#dataset)}, samples ${from} to ${to - 1} of epoch ${this.#epoch}`,
      expected: 'at least one sample for a batch',
      received: 'null for each of them',
      action: 'leave samples out in the stream itself, before they are counted',
    });
  }
}

async function* itemsOf(dataset: IterableDataset, ctx: StreamContext): AsyncGenerator<StreamItem> {
  yield* dataset.samples(ctx);
}
