import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { WorkerHost, WorkerReport } from '../worker/protocol.js';

const SOURCE = '@engine/source';

/** How {@link nodeWorkers} starts threads. */
export interface NodeWorkersOptions {
  /** Megabytes of JavaScript heap of each thread. Default: Node's. Shared memory and typed arrays do not count. */
  readonly heapMegabytes?: number | undefined;
  /** Of these, for objects that live shortly (default 8). Node's own 48 are filled before anything is freed, in every thread. */
  readonly youngMegabytes?: number | undefined;
}

/** Worker threads of Node. What a data loader uses unless told otherwise. */
export function nodeWorkers({ heapMegabytes, youngMegabytes = 8 }: NodeWorkersOptions = {}): WorkerHost {
  return {
    spawn(start, events) {
      const bases = [process.cwd(), ...(process.argv[1] === undefined ? [] : [process.argv[1]])];
      const options: WorkerOptions = {
        workerData: { start, bases },
        ...threadArgv(),
        resourceLimits: {
          maxYoungGenerationSizeMb: youngMegabytes,
          ...(heapMegabytes !== undefined && { maxOldGenerationSizeMb: heapMegabytes }),
        },
      };
      const worker = new Worker(workerFile(), options);
      let isEnded = false;
      const end = (how: string): void => {
        if (!isEnded) events.died(how);
        isEnded = true;
      };
      worker.on('message', (report: WorkerReport) => events.report(report));
      worker.on('messageerror', (error) => end(`its answer could not be read: ${error.message}`));
      worker.on('error', (error: unknown) => end(howOf(error)));
      worker.on('exit', (code) => end(`it exited with code ${code}`));
      return {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        request: (request) => worker.postMessage(request),
        keepAlive: (on) => (on ? worker.ref() : worker.unref()),
        terminate: async () => {
          isEnded = true;
          await worker.terminate();
        },
      };
    },
  };
}

function howOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? ` (${String(error.code)})` : '';
  return `${error.name}: ${error.message}${code}`;
}

/** What is bundled here may lie in any file of the package; the script of the threads always lies at one place. */
function workerFile(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'dist', 'node', 'worker.js');
}

/** As in this thread, but threads run what is built even where this one runs our sources (in our own tests). */
function threadArgv(): { execArgv?: string[] } {
  const isSource = (argument: string | undefined): boolean => argument?.includes(SOURCE) === true;
  if (!process.execArgv.some(isSource)) return {};
  return { execArgv: process.execArgv.filter((argument, i, all) => !isSource(argument) && !isSource(all[i + 1])) };
}
