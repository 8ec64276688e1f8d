import type { Logger } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import * as z from 'zod/mini';
import { BaseMetric } from './base-metric.js';
import type { MetricValues } from './contract.js';
import { defineMetric } from './define-metric.js';
import { evaluatorErrors } from './errors.js';
import { samplesOf } from './host-samples.js';
import { decode, encode } from './wire.js';

const dumpResultsOptions = z.strictObject({
  /** Where to write, ending in `.jsonl`. */
  outFilePath: z.string(),
});
export interface DumpResultsOptions extends z.input<typeof dumpResultsOptions> {}

/**
 * Writes every prediction to a file at the end of the evaluation, one JSON value a line in the order of the dataset, and gives no
 * values. {@link readResults} reads them back, `Evaluator.offlineEvaluate` evaluates them.
 *
 * Predictions: a list with one element a sample, or a list of tensors whose rows are the samples. The file is complete or not there
 * at all; on several ranks it is written by rank 0.
 *
 * @throws `ENGINE_EVALUATOR_BAD_FILE_NAME`; from `process` `ENGINE_EVALUATOR_BAD_PREDICTIONS`; from `evaluate` `ENGINE_EVALUATOR_NOT_SERIALIZABLE`
 */
export class DumpResults extends BaseMetric {
  static readonly entry = defineMetric<'DumpResults', typeof dumpResultsOptions, DumpResultsOptions>({
    name: 'DumpResults',
    options: dumpResultsOptions,
    create: (options, { logger }) => new DumpResults({ ...options, logger }),
    module: '@engine/evaluator',
    doc: 'Writes every prediction to a file.',
  });
  readonly #path: string;
  readonly #storage: StorageBackend | undefined;
  readonly #logger: Logger | undefined;

  /** `storage`: where the file is written. Default: the local disk, loaded when it is needed. */
  constructor({
    outFilePath,
    storage,
    logger,
  }: DumpResultsOptions & { readonly storage?: StorageBackend; readonly logger?: Logger }) {
    super();
    requireJsonLines(outFilePath);
    this.#path = outFilePath;
    this.#storage = storage;
    this.#logger = logger;
  }

  async process(_batch: unknown, predictions: unknown): Promise<void> {
    this.results.push(...(await samplesOf(predictions, 'DumpResults')));
  }

  async computeMetrics(results: readonly unknown[]): Promise<MetricValues> {
    const lines = results.flatMap((result) => [encode(result, 'DumpResults'), NEWLINE]);
    const storage = this.#storage ?? (await localStorage());
    await storage.putAtomic(this.#path, concatenate(lines));
    this.#logger?.info(`Results have been saved to ${this.#path}.`);
    return {};
  }
}

/** The predictions that {@link DumpResults} wrote, in order; each line is decoded when it is asked for. @throws `ENGINE_EVALUATOR_BAD_RESULTS_FILE` */
export async function* readResults(
  path: string,
  { storage }: { readonly storage?: StorageBackend } = {},
): AsyncGenerator<unknown> {
  const bytes = await (storage ?? (await localStorage())).get(path);
  let line = 0;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    yield decodeLine(bytes.subarray(start, end), { path, line: line + 1 });
    start = end + 1;
  }
}

const NEWLINE = Uint8Array.of(0x0a);

const localStorage = async (): Promise<StorageBackend> => new (await import('@engine/fileio')).LocalStorage();

function decodeLine(bytes: Uint8Array, { path, line }: { readonly path: string; readonly line: number }): unknown {
  try {
    return decode(bytes);
  } catch (cause) {
    throw evaluatorErrors.BAD_RESULTS_FILE({
      subject: `${path}:${line}`,
      expected: 'one JSON value a line, as DumpResults writes them',
      received: cause instanceof Error ? cause.message : String(cause),
      action: 'dump the predictions again',
      cause,
    });
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function requireJsonLines(path: string): void {
  if (path.endsWith('.jsonl')) return;
  throw evaluatorErrors.BAD_FILE_NAME({
    subject: 'DumpResults',
    expected: 'a path that ends in .jsonl',
    received: `outFilePath = "${path}"`,
    action: /\.(pkl|pickle)$/.test(path)
      ? 'pickle files run code when read, so predictions are written as lines of JSON: end the path in .jsonl'
      : 'end the path in .jsonl',
  });
}

declare module '@engine/registry' {
  interface Metrics {
    DumpResults: typeof DumpResults;
  }
}
