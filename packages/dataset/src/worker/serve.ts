import { BatchMaker } from '../batch-maker.js';
import type { Collate, Dataset, MakeArray } from '../contract.js';
import { defaultCollate } from '../default-collate.js';
import { SampleSource } from '../sample-source.js';
import { zeros } from '../zeros.js';
import { packBatch } from './pack.js';
import type { BatchRequest, WorkerReport, WorkerStart } from './protocol.js';
import { type ImportModule, rebuild } from './rebuild.js';
import { wireError } from './wire-error.js';

/** Tells the loader something; `transfer` is memory that goes along. */
export type Report = (report: WorkerReport, transfer: readonly ArrayBuffer[]) => void;

/**
 * The work of a worker: builds the dataset again, then makes the batches it is asked for, one after the other.
 * Reports come with the memory to transfer. Returns what to call for each request.
 */
export function serveBatches(
  start: WorkerStart,
  report: Report,
  importModule: ImportModule,
): (request: BatchRequest) => void {
  const current = new Int32Array(start.current);
  const maker = prepare(start, importModule);
  maker.then(
    () => report({ type: 'ready' }, []),
    (error: unknown) => report({ type: 'failed', error: wireError(error) }, []),
  );
  let last: Promise<void> = maker.then(
    () => undefined,
    () => undefined,
  );
  const answer = async ({ id, iteration, epoch, indices }: BatchRequest): Promise<void> => {
    if (Atomics.load(current, 0) !== iteration) {
      report({ type: 'skipped', id }, []);
      return;
    }
    try {
      const memory = new Set<ArrayBufferLike>();
      const make: MakeArray = (dtype, shape) => {
        const array = zeros(dtype, shape);
        memory.add(array.data.buffer);
        return array;
      };
      const making = await maker;
      const { batch, transfer } = packBatch(await making.make(indices, epoch, make), memory);
      report({ type: 'batch', id, batch, skipped: making.takeSkipped() }, transfer);
    } catch (error) {
      report({ type: 'error', id, error: wireError(error) }, []);
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
  return new BatchMaker(new SampleSource(dataset, { seed: place.seed, maxRefetch, strict }), collate);
}

async function rebuildDataset(start: WorkerStart, importModule: ImportModule, shared: unknown): Promise<Dataset> {
  const dataset = await rebuild('dataset', start.dataset, importModule);
  if (shared === undefined || dataset.adopt === undefined) await dataset.init();
  else await dataset.adopt(shared);
  return dataset;
}
