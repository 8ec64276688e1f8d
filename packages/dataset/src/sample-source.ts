import { EngineError, isPromise, KeyedRandom } from '@engine/core/plain';
import { describeThrown } from './compose.js';
import type { Dataset, MakeArray, Sample, SampleContext } from './contract.js';
import { datasetErrors } from './errors.js';
import { nameOf } from './naming.js';
import { badSampleIn, type SkippedSample, skippedSample } from './skipped.js';

export interface SampleSourceInit {
  readonly seed: number;
  readonly maxRefetch: number;
  readonly strict?: boolean | undefined;
}

/** Which sample, and where its array may be made. */
interface Wanted {
  readonly index: number;
  readonly epoch: number;
  readonly row: MakeArray | undefined;
}

/** Fetches single samples; for one that is null it draws others, by a rule that depends on (seed, epoch, index) alone. */
export class SampleSource {
  readonly #dataset: Dataset;
  readonly #seed: number;
  readonly #maxRefetch: number;
  readonly #strict: boolean;
  #skipped: SkippedSample[] = [];

  /** `strict`: a damaged sample is an error, as it is in test mode (default false: another one stands in for it). */
  constructor(dataset: Dataset, { seed, maxRefetch, strict = false }: SampleSourceInit) {
    this.#dataset = dataset;
    this.#seed = seed;
    this.#maxRefetch = maxRefetch;
    this.#strict = strict;
  }

  /** The damaged samples met since the last call. */
  takeSkipped(): readonly SkippedSample[] {
    const skipped = this.#skipped;
    if (skipped.length > 0) this.#skipped = [];
    return skipped;
  }

  /** What to call the dataset. */
  get name(): string {
    return nameOf(this.#dataset);
  }

  /** @throws `ENGINE_DATASET_SAMPLE_FAILED`, `ENGINE_DATASET_NO_SAMPLE` */
  get({ index, epoch, row }: Wanted): Sample | Promise<Sample> {
    const found = this.#fetch({ seed: this.#seed, epoch, index, row });
    if (isPromise(found)) return found.then((sample) => (sample === null ? this.#another(index, epoch) : sample));
    return found === null ? this.#another(index, epoch) : found;
  }

  async #another(index: number, epoch: number): Promise<Sample> {
    const tries = this.#dataset.testMode === true ? 0 : this.#maxRefetch;
    const random = new KeyedRandom(this.#seed, 'refetch', epoch, index);
    for (let i = 0; i < tries; i++) {
      const sample = await this.#fetch({ seed: this.#seed, epoch, index: random.nextInt(this.#dataset.length) });
      if (sample !== null) return sample;
    }
    throw datasetErrors.NO_SAMPLE({
      subject: `${nameOf(this.#dataset)}[${index}]`,
      expected:
        this.#dataset.testMode === true
          ? 'a sample for every index in test mode'
          : `a sample within maxRefetch = ${this.#maxRefetch} further tries`,
      received: 'null from the dataset or its pipeline, or damaged samples',
      action: 'check the paths and what the pipeline throws away',
    });
  }

  #fetch(ctx: SampleContext): Sample | null | Promise<Sample | null> {
    try {
      const found = this.#dataset.get(ctx.index, ctx);
      return isPromise(found) ? found.catch((cause: unknown) => this.#failed(ctx.index, cause)) : found;
    } catch (cause) {
      return this.#failed(ctx.index, cause);
    }
  }

  /** Null for a damaged sample that another one may stand in for. */
  #failed(index: number, cause: unknown): null {
    const bad = this.#strict || this.#dataset.testMode === true ? undefined : badSampleIn(cause);
    if (bad === undefined) throw this.#failure(index, cause);
    this.#skipped.push(skippedSample(index, bad));
    return null;
  }

  #failure(index: number, cause: unknown): Error {
    const inTransform = cause instanceof EngineError && cause.code === datasetErrors.TRANSFORM_FAILED.code;
    return datasetErrors.SAMPLE_FAILED({
      subject: `${nameOf(this.#dataset)}[${index}]`,
      expected: 'a sample',
      received: inTransform ? `${cause.subject}: ${cause.received}` : describeThrown(cause),
      action: inTransform ? cause.action : 'look at the cause; loading this index again shows the same',
      cause,
    });
  }
}
