import { IterableDataset } from '@engine/dataset';
import type { OpenedData } from './open-data.js';
import type { Step } from './step-log.js';

/** One sample as it comes out of its dataset, or why it does not. */
export interface Visited {
  readonly index: number;
  /** Null where the pipeline threw it away; absent where loading it failed. */
  readonly sample?: Record<string, unknown> | null;
  readonly steps: readonly Step[];
  readonly error?: Error;
}

/** Samples in the order of `indices`, one after the other; a failure belongs to its sample and ends nothing. */
export async function* visit({ loader, steps, seed }: OpenedData, indices: Iterable<number>): AsyncGenerator<Visited> {
  const { dataset } = loader;
  if (dataset instanceof IterableDataset) {
    yield* visitStream(dataset, { seed, steps }, [...indices].length);
    return;
  }
  for (const index of indices) {
    steps.take();
    try {
      const sample = (await dataset.get(index, { seed, epoch: 0, index })) as Record<string, unknown> | null;
      yield { index, sample, steps: steps.take() };
    } catch (error) {
      yield { index, steps: steps.take(), error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}

async function* visitStream(
  dataset: IterableDataset,
  { seed, steps }: Pick<OpenedData, 'seed' | 'steps'>,
  count: number,
): AsyncGenerator<Visited> {
  let index = 0;
  if (count === 0) return;
  for await (const sample of dataset.samples({ seed, epoch: 0, rank: 0, worldSize: 1, start: 0 })) {
    yield { index, sample, steps: steps.take() };
    index += 1;
    if (index >= count) return;
  }
}

/**
 * The sample after a step: that of a number (`2`), or the last of a name (`RandomCrop`). Undefined where the pipeline has none of that name.
 */
export function stepOf(
  { steps, sample }: Visited,
  wanted: string | undefined,
): Record<string, unknown> | null | undefined {
  if (wanted === undefined) return sample;
  const found = steps.findLast(({ name }) => {
    const [place, type] = name.split(' ');
    return name === wanted || place === wanted || type === wanted;
  });
  return found?.sample;
}
