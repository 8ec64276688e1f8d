import { EngineError } from '@engine/core/plain';
import { datasetErrors } from './errors.js';

/** A sample that could not be used because what it is made of is damaged. */
export interface SkippedSample {
  readonly index: number;
  /** What is damaged, the file as a rule. */
  readonly subject: string;
  /** What was found there. */
  readonly reason: string;
}

const SHOWN = 10;

/** The `ENGINE_DATASET_BAD_SAMPLE` behind an error, if there is one. */
export function badSampleIn(error: unknown): EngineError | undefined {
  for (let at = error; at instanceof EngineError; at = at.cause)
    if (at.code === datasetErrors.BAD_SAMPLE.code) return at;
  return undefined;
}

export function skippedSample(index: number, { subject, received }: EngineError): SkippedSample {
  return { index, subject: subject ?? `sample ${index}`, reason: received };
}

/** The damaged samples that a loader came across, each once. */
export class SkippedSamples {
  readonly #all = new Map<number, SkippedSample>();
  #untold: SkippedSample[] = [];

  add(skipped: readonly SkippedSample[]): void {
    for (const sample of skipped) {
      if (this.#all.has(sample.index)) continue;
      this.#all.set(sample.index, sample);
      this.#untold.push(sample);
    }
  }

  /** In the order of the dataset: that in which they were met depends on timing. */
  get list(): readonly SkippedSample[] {
    return [...this.#all.values()].sort(byIndex);
  }

  /** One text about those that are new since the last call; undefined when there are none. */
  news(dataset: string): string | undefined {
    const fresh = this.#untold.sort(byIndex);
    this.#untold = [];
    if (fresh.length === 0) return undefined;
    const shown = fresh.slice(0, SHOWN).map(({ index, subject, reason }) => `\n  [${index}] ${subject}: ${reason}`);
    const more = fresh.length > SHOWN ? `\n  and ${fresh.length - SHOWN} more` : '';
    const samples = fresh.length === 1 ? '1 sample is' : `${fresh.length} samples are`;
    return `${dataset}: ${samples} damaged, others were taken instead:${shown.join('')}${more}`;
  }
}

function byIndex(a: SkippedSample, b: SkippedSample): number {
  return a.index - b.index;
}
