/** Runs in a worker thread: makes the batches it is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BatchRequest, WorkerStart } from '../worker/protocol.js';
import { serveBatches } from '../worker/serve.js';
import { moduleImporter } from './import-module.js';

const port = parentPort;
if (port !== null) {
  const { start, bases } = workerData as { readonly start: WorkerStart; readonly bases: readonly string[] };
  const answer = serveBatches(start, (report, transfer) => port.postMessage(report, transfer), moduleImporter(bases));
  port.on('message', (request: BatchRequest) => answer(request));
}
