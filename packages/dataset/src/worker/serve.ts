import { BatchMaker } from '../batch-maker.js';
import type { Collate, Dataset } from '../contract.js';
import { defaultCollate } from '../default-collate.js';
import { SampleSource } from '../sample-source.js';
import { packBatch } from './pack.js';
import type { BatchRequest, WorkerReport, WorkerStart } from './protocol.js';
import { type ImportModule, rebuild } from './rebuild.js';
import { wireError } from './wire-error.js';

/**
 * The work of a worker: builds the dataset again, then makes the batches it is asked for, one after the other, in shared memory.
 * Returns what to call for each request.
 */
export function serveBatches(
  start: WorkerStart,
  report: (report: WorkerReport) => void,
  importModule: ImportModule,
): (request: BatchRequest) => void {
  const current = new Int32Array(start.current);
  const maker = prepare(start, importModule);
  maker.then(
    () => report({ type: 'ready' }),
    (error: unknown) => report({ type: 'failed', error: wireError(error) }),
  );
  let last: Promise<void> = maker.then(
    () => undefined,
    () => undefined,
  );
  const answer = async ({ id, iteration, epoch, indices }: BatchRequest): Promise<void> => {
    if (Atomics.load(current, 0) !== iteration) {
      report({ type: 'skipped', id });
      return;
    }
    try {
      const making = await maker;
      const batch = packBatch(await making.make(indices, epoch));
      report({ type: 'batch', id, batch, skipped: making.takeSkipped() });
    } catch (error) {
      report({ type: 'error', id, error: wireError(error) });
    }
  };
  return (request) => {
    last = last.then(() => answer(request));
  };
}

async function prepare(start: WorkerStart, importModule: ImportModule): Promise<BatchMaker> {
  const { place, maxRefetch, strict, shared } = start;
  if (start.workerInitFn !== undefined) await (await rebuild('workerInitFn', start.workerInitFn, importModule))(place);
  const dataset = await rebuildDataset(start, importModule, shared);
  const collate: Collate =
    start.collateFn === undefined ? defaultCollate : await rebuild('collate', start.collateFn, importModule);
  return new BatchMaker(new SampleSource(dataset, { seed: place.seed, maxRefetch, strict }), collate, { shared: true });
}

async function rebuildDataset(start: WorkerStart, importModule: ImportModule, shared: unknown): Promise<Dataset> {
  const dataset = await rebuild('dataset', start.dataset, importModule);
  if (shared === undefined || dataset.adopt === undefined) await dataset.init();
  else await dataset.adopt(shared);
  return dataset;
}
