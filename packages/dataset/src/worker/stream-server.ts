import type { BatchMaker } from '../batch-maker.js';
import type { HostBatchLike, MakeArray } from '../contract.js';
import type { IterableDataset } from '../iterable-dataset.js';
import { StreamReader } from '../stream-reader.js';
import type { BatchRequest, StreamShare } from './protocol.js';

/** Makes, in a worker, the batches of a stream that are asked for. Their places only go forwards within an iteration: what lies between is read past. */
export class StreamServer {
  readonly #dataset: IterableDataset;
  readonly #maker: BatchMaker;
  readonly #share: StreamShare;
  #reader: StreamReader | undefined;
  #iteration: number | undefined;

  constructor(dataset: IterableDataset, maker: BatchMaker, share: StreamShare) {
    this.#dataset = dataset;
    this.#maker = maker;
    this.#share = share;
  }

  /** The batch; undefined where the stream has ended. */
  async make({ iteration, epoch, indices }: BatchRequest, make: MakeArray): Promise<HostBatchLike | undefined> {
    const { seed, rank, worldSize, dropLast } = this.#share;
    const start = indices[0] as number;
    if (this.#iteration !== iteration || this.#reader === undefined) {
      await this.close();
      this.#iteration = iteration;
      this.#reader = new StreamReader(this.#dataset, { seed, epoch, rank, worldSize, start });
    }
    const piece = await this.#reader.take(start, start + indices.length);
    if (piece === undefined || (!piece.isWhole && dropLast)) return undefined;
    return this.#maker.collate(piece.samples, { memory: { zeros: make } });
  }

  /** Closes the stream, when one is open. */
  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }
}
