import { readFile } from 'node:fs/promises';
import { EngineError } from '@engine/core';
import { type Sample as DatasetSample, DefaultSampler, pseudoCollate } from '@engine/dataset';
import {
  Accuracy,
  BaseMetric,
  DumpResults,
  Evaluator,
  type MetricValues,
  metricValue,
  readResults,
} from '@engine/evaluator';
import { localRanks } from '@engine/evaluator/testing';
import { MemoryStorage } from '@engine/fileio';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { guarded } from './harness/guarded.js';

/** Percentages that the reference computed in float32. */
const PERCENT = 1e-4;

interface Sample {
  readonly id: number;
  readonly scores: readonly number[];
  readonly label: number;
}
interface MultiRank {
  readonly id: string;
  readonly world_size: number;
  readonly dataset_size: number;
  readonly batch_size: number;
  readonly round_up: boolean;
  readonly topk: number[];
  readonly samples: readonly Sample[];
  readonly rank_indices: readonly (readonly number[])[];
  readonly ranks: readonly {
    readonly metrics: Readonly<Record<string, number>>;
    readonly seen: readonly number[] | null;
    readonly seen_batches: readonly (readonly number[])[] | null;
    readonly results_left: readonly number[];
  }[];
}
interface Raised {
  readonly type: string;
  readonly message: string;
}
interface Golden {
  readonly multi_rank?: readonly MultiRank[];
  readonly prefix?: readonly {
    readonly default_prefix: string | null;
    readonly prefix: string | null;
    readonly metrics: MetricValues;
  }[];
  readonly duplicate_name?: Readonly<Record<string, string>>;
  readonly truncation?: readonly {
    readonly entries: number;
    readonly size: number;
    readonly entries_seen_by_compute: number;
  }[];
  readonly offline?: readonly {
    readonly n: number;
    readonly chunk_size: number;
    readonly with_data: boolean;
    readonly process_calls: readonly unknown[];
    readonly metrics: MetricValues;
  }[];
  readonly get_metric_value?: readonly {
    readonly indicator: string;
    readonly metrics: MetricValues;
    readonly value?: number;
    readonly raises: Raised | null;
  }[];
  readonly dump_results?: {
    readonly returned?: MetricValues;
    readonly pickled?: readonly unknown[];
    readonly bad_path?: Raised;
  };
}

/** Metrics and evaluators: real groups of one to three ranks, names, truncation, offline evaluation, dumps. */
export const area: ParityArea = {
  name: 'metrics',
  tolerance: 'percentages absolute 1e-4, everything else exact',
  async *replay(file) {
    const golden = JSON.parse(await readFile(file, 'utf8')) as Golden;
    for (const item of golden.multi_rank ?? []) yield await guarded(item.id, () => multiRank(item));
    yield* each('prefix', golden.prefix, prefix);
    yield* each('truncation', golden.truncation, truncation);
    yield* each('offline', golden.offline, offline);
    yield* each('get_metric_value', golden.get_metric_value, indicated);
    for (const key of Object.keys(golden.duplicate_name ?? {}))
      yield await guarded(`duplicate_name.${key}`, () =>
        duplicate(`duplicate_name.${key}`, golden.duplicate_name ?? {}),
      );
    yield* dumps(golden.dump_results ?? {});
  },
};

async function* each<T>(
  section: string,
  items: readonly T[] | undefined,
  fault: (item: T) => Promise<string | undefined>,
): AsyncGenerator<ReplayResult> {
  for (const [index, item] of (items ?? []).entries()) {
    const id = `${section}[${index}]`;
    yield await guarded(id, async () => resultOf(id, await fault(item)));
  }
}

const resultOf = (id: string, error: string | undefined): ReplayResult =>
  error === undefined ? { id, ok: true } : { id, ok: false, error };

/** What differs, or nothing. */
function difference(what: string, actual: unknown, expected: unknown): string | undefined {
  const [ours, theirs] = [JSON.stringify(actual), JSON.stringify(expected)];
  return ours === theirs ? undefined : `${what}: expected ${theirs}, got ${ours}`;
}

/** Keeps what it is given, one result a sample or one a batch, and notes what `computeMetrics` is shown. */
class Keeping extends BaseMetric<unknown> {
  seen: readonly unknown[] | undefined;
  readonly #named: (results: readonly unknown[]) => MetricValues;

  constructor(named: (results: readonly unknown[]) => MetricValues, options: { readonly prefix?: string } = {}) {
    super(options);
    this.#named = named;
  }

  process(_batch: unknown, results: unknown): void {
    this.results.push(...(results as unknown[]));
  }

  computeMetrics(results: readonly unknown[]): MetricValues {
    this.seen = results;
    return this.#named(results);
  }
}

async function multiRank(item: MultiRank): Promise<ReplayResult> {
  const ranks = await Promise.all(localRanks(item.world_size).map((rank) => oneRank(item, rank)));
  const faults: (string | undefined)[] = [];
  let maxError = 0;
  for (const [rank, { values, seen, seenBatches, left, indices }] of ranks.entries()) {
    const expected = item.ranks[rank] as MultiRank['ranks'][number];
    faults.push(
      difference(`rank ${rank} samples`, indices, item.rank_indices[rank]),
      difference(`rank ${rank} names`, Object.keys(values).sort(), Object.keys(expected.metrics).sort()),
      difference(`rank ${rank} seen`, seen ?? null, expected.seen),
      difference(`rank ${rank} seen_batches`, seenBatches ?? null, expected.seen_batches),
      difference(`rank ${rank} results_left`, left, expected.results_left),
    );
    for (const [name, value] of Object.entries(expected.metrics)) {
      const error = Math.abs((values[name] as number) - value);
      const tolerance = name.startsWith('acc/') ? PERCENT : 0;
      if (!(error <= tolerance)) faults.push(`rank ${rank} ${name}: expected ${value}, got ${String(values[name])}`);
      maxError = Math.max(maxError, error);
    }
  }
  return {
    ...resultOf(
      item.id,
      faults.find((fault) => fault !== undefined),
    ),
    maxError,
  };
}

async function oneRank(item: MultiRank, communicator: ReturnType<typeof localRanks>[number]) {
  const sampler = new DefaultSampler(
    { dataset: { length: item.dataset_size }, rank: communicator.rank, worldSize: communicator.size },
    { shuffle: false, roundUp: item.round_up },
  );
  const indices = [...sampler.indices(0)];
  const accuracy = new Accuracy({ topk: item.topk, prefix: 'acc' });
  const samples = new Keeping(() => ({}));
  const batches = new Keeping((results) => ({ batches: results.length, samples: results.flat().length }), {
    prefix: 'pb',
  });
  for (let start = 0; start < indices.length; start += item.batch_size) {
    const rows = indices.slice(start, start + item.batch_size).map((index) => item.samples[index] as Sample);
    const predictions = [
      tf.tensor2d(rows.map((row) => [...row.scores])),
      tf.tensor1d(
        rows.map((row) => row.label),
        'int32',
      ),
    ];
    await accuracy.process(undefined, predictions);
    tf.dispose(predictions);
    const ids = rows.map((row) => row.id);
    samples.process(undefined, ids);
    batches.process(undefined, [ids]);
  }
  const metrics = new Evaluator([accuracy, samples, batches]);
  const values = await metrics.evaluate(item.dataset_size, communicator);
  const left = [samples.results.length, batches.results.length];
  return { values, seen: samples.seen, seenBatches: batches.seen, left, indices };
}

async function prefix(item: NonNullable<Golden['prefix']>[number]): Promise<string | undefined> {
  class Named extends Keeping {
    static override readonly defaultPrefix = item.default_prefix ?? undefined;
  }
  const metric = new Named(() => ({ a: 1, b: 0.5 }), item.prefix === null ? {} : { prefix: item.prefix });
  return difference('values', await metric.evaluate(0), item.metrics);
}

async function truncation(item: NonNullable<Golden['truncation']>[number]): Promise<string | undefined> {
  const metric = new Keeping((results) => ({ n: results.length }));
  metric.process(undefined, Array(item.entries).fill(0));
  await metric.evaluate(item.size);
  return difference('entries', metric.seen?.length, item.entries_seen_by_compute);
}

async function offline(item: NonNullable<Golden['offline']>[number]): Promise<string | undefined> {
  const calls: unknown[] = [];
  class Calls extends Keeping {
    override process(batch: unknown, predictions: unknown): void {
      calls.push({ data_batch: batch ?? null, data_samples: predictions });
      super.process(batch, predictions);
    }
  }
  const samples = Array.from({ length: item.n }, (_, i) => ({ i }));
  const data = item.with_data ? samples.map(({ i }) => ({ x: i * 10 }) as unknown as DatasetSample) : undefined;
  const evaluator = new Evaluator(new Calls((results) => ({ n: results.length })));
  const values = await evaluator.offlineEvaluate(samples, { data, collate: pseudoCollate, chunkSize: item.chunk_size });
  return difference('calls', calls, item.process_calls) ?? difference('values', values, item.metrics);
}

async function indicated(item: NonNullable<Golden['get_metric_value']>[number]): Promise<string | undefined> {
  try {
    const value = metricValue(item.indicator, item.metrics);
    return item.raises === null
      ? difference('value', value, item.value)
      : `expected an error like ${item.raises.type}, got none`;
  } catch (error) {
    const code = error instanceof EngineError ? error.code : String(error);
    const expected = item.raises?.message.includes('multiple')
      ? 'ENGINE_EVALUATOR_AMBIGUOUS_VALUE'
      : 'ENGINE_EVALUATOR_UNKNOWN_VALUE';
    return item.raises === null ? `expected ${item.value}, got ${code}` : difference('code', code, expected);
  }
}

/** The kind of the error, and that it names the value which came twice. */
async function duplicate(id: string, expected: Readonly<Record<string, string>>): Promise<ReplayResult> {
  const metric = (): Keeping => new Keeping(() => ({ a: 1 }));
  const error: unknown = await new Evaluator([metric(), metric()]).evaluate(0).catch((thrown: unknown) => thrown);
  if (!(error instanceof EngineError)) return resultOf(id, 'expected an error, got none');
  if (id.endsWith('.type'))
    return resultOf(id, difference('kind', kindOf(expected['type']), error.kind === 'key' ? 'value' : error.kind));
  const name = /same metric name (\S+)\./.exec(expected['message'] ?? '')?.[1];
  return resultOf(
    id,
    name !== undefined && error.message.includes(`${name} once more`)
      ? undefined
      : `expected ${name} to be named, got ${error.message}`,
  );
}

/** A Python error class as our kinds have it; a key that comes twice is a bad value there. */
const kindOf = (type: string | undefined): string | undefined =>
  ({ ValueError: 'value', TypeError: 'type' })[type ?? ''];

async function* dumps(golden: NonNullable<Golden['dump_results']>): AsyncGenerator<ReplayResult> {
  const storage = new MemoryStorage();
  const outFilePath = '/out.jsonl';
  const metric = new DumpResults({ outFilePath, storage });
  await metric.process(undefined, golden.pickled ?? []);
  const returned = await metric.evaluate(golden.pickled?.length ?? 0);
  const read: unknown[] = [];
  for await (const sample of readResults(outFilePath, { storage })) read.push(sample);
  for (const [key, expected] of Object.entries(golden)) {
    const id = `dump_results.${key}`;
    if (key === 'returned') yield resultOf(id, difference('values', returned, expected));
    if (key === 'pickled') yield resultOf(id, difference('samples', read, expected));
    if (key === 'bad_path') yield await guarded(id, () => badPath(id, expected as Raised));
  }
}

function badPath(id: string, { type }: Raised): ReplayResult {
  try {
    const { constructor } = new DumpResults({ outFilePath: 'results.json' });
    return resultOf(id, `expected an error, got a ${constructor.name}`);
  } catch (error) {
    return resultOf(id, difference('kind', error instanceof EngineError ? error.kind : String(error), kindOf(type)));
  }
}
