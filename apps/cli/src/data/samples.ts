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

/**
 * Samples in the order of `indices`; a failure belongs to its sample and ends nothing. `ahead`: so many more are being made meanwhile
 * (default 0); then steps are of no use, since those of several samples are mixed.
 */
export async function* visit(
  data: OpenedData,
  indices: Iterable<number>,
  { ahead = 0 }: { readonly ahead?: number } = {},
): AsyncGenerator<Visited> {
  const { dataset } = data.loader;
  if (dataset instanceof IterableDataset) {
    yield* visitStream(dataset, data, indices);
    return;
  }
  const making: Promise<Visited>[] = [];
  for (const index of indices) {
    making.push(visitOne(data, index));
    if (making.length > ahead) yield (await making.shift()) as Visited;
  }
  for (const visited of making) yield await visited;
}

async function visitOne({ loader, steps, seed }: OpenedData, index: number): Promise<Visited> {
  steps.take();
  try {
    const sample = (await loader.dataset.get(index, { seed, epoch: 0, index })) as Record<string, unknown> | null;
    return { index, sample, steps: steps.take() };
  } catch (error) {
    return { index, steps: steps.take(), error: error instanceof Error ? error : new Error(String(error)) };
  }
}

async function* visitStream(
  dataset: IterableDataset,
  { seed, steps }: OpenedData,
  indices: Iterable<number>,
): AsyncGenerator<Visited> {
  const places = indices[Symbol.iterator]();
  if (places.next().done === true) return;
  let index = 0;
  for await (const item of dataset.samples({ seed, epoch: 0, rank: 0, worldSize: 1, start: 0 })) {
    const sample = typeof item === 'function' ? await item() : item;
    yield { index, sample, steps: steps.take() };
    index += 1;
    if (places.next().done === true) return;
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
