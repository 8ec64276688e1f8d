import { readFile } from 'node:fs/promises';
import type { ParityArea } from './harness/area.js';
import { guarded } from './harness/guarded.js';
import { type HistoryCase, type LogCase, replayHistory, replayLog } from './hooks_order/logs.js';
import {
  type PriorityCase,
  type RegistrationCase,
  replayPriority,
  replayRegistration,
  replayStages,
} from './hooks_order/registration.js';
import { replayTrace, type Trace } from './hooks_order/traces.js';

interface Golden {
  readonly registration: readonly RegistrationCase[];
  readonly triggered_stages: Readonly<Record<string, readonly string[]>>;
  readonly priorities: readonly PriorityCase[];
  readonly traces: readonly Trace[];
  readonly history_buffer: readonly HistoryCase[];
  readonly log_processor: readonly LogCase[];
}

/** Hooks in their order, what they see at each point of whole runs, the message hub afterwards, histories and log lines. */
export const area: ParityArea = {
  name: 'hooks_order',
  tolerance: 'floats relative 1e-6, losses to the largest of their run; everything else exact',
  async *replay(file, { backend }) {
    const golden = JSON.parse(await readFile(file, 'utf8')) as Golden;
    const { registration, triggered_stages: stages, traces } = golden;
    for (const item of registration) yield await guarded(item.id, () => replayRegistration(item, stages));
    for (const [name, points] of Object.entries(stages)) {
      const id = `triggered_stages.${name}`;
      yield await guarded(id, () => replayStages(id, points));
    }
    for (const [index, item] of golden.priorities.entries()) {
      const id = `priorities[${index}]`;
      yield await guarded(id, () => replayPriority(id, item));
    }
    for (const trace of traces) yield await guarded(trace.id, () => replayTrace(trace, backend));
    for (const [index, item] of golden.history_buffer.entries()) {
      const id = `history_buffer[${index}]`;
      yield await guarded(id, () => replayHistory(id, item));
    }
    for (const item of golden.log_processor) yield await guarded(item.id, () => replayLog(item));
  },
};
