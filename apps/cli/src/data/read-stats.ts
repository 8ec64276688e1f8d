import { createTerminal } from '@engine/logging';
import { cliErrors } from '../errors.js';
import type { CliIo } from '../io.js';
import { DatasetStats, type StatsReport } from './dataset-stats.js';
import type { OpenedData } from './open-data.js';
import { stepOf, visit } from './samples.js';
import { unknownStep } from './unknown-step.js';

export interface StatsRequest {
  /** Look at the first so many. Default: all. */
  readonly number: number | undefined;
  /** The step of the pipeline after which samples are counted. Default: the last. */
  readonly step: string | undefined;
}

/** Images are decoded in threads of their own, so several at a time. */
const AHEAD = 8;

/** Reads samples, with a live line on a terminal. @throws `ENGINE_CLI_UNKNOWN_STEP`, `ENGINE_CLI_ENDLESS_DATA` */
export async function readStats(data: OpenedData, { number, step }: StatsRequest, io: CliIo): Promise<StatsReport> {
  const { length } = data.loader.dataset;
  const total = Math.min(number ?? length, length);
  if (!Number.isFinite(total)) throw endless();
  const stats = new DatasetStats(data.meta);
  const { progress } = createTerminal({ output: io.stderr });
  let done = 0;
  for await (const visited of visit(data, Array(total).keys(), { ahead: step === undefined ? AHEAD : 0 })) {
    done += 1;
    progress.update({ label: 'samples', done, total });
    if (visited.error !== undefined) {
      stats.fail(visited.index, visited.error);
      continue;
    }
    const sample = stepOf(visited, step);
    if (sample === undefined) throw unknownStep(step as string, visited.steps);
    stats.add(sample);
  }
  progress.clear();
  return stats.report(length);
}

function endless(): Error {
  return cliErrors.ENDLESS_DATA({
    expected: 'data that ends, or --number',
    received: 'a stream without an end',
    action: 'say how many samples to look at: --number 1000',
  });
}
