import { readFile } from 'node:fs/promises';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { type BatchNormCase, replayBatchNorm } from './losses_layers/batch-norm.js';
import { type Case, replayCase } from './losses_layers/case.js';
import { Comparison, TOLERANCE } from './losses_layers/comparison.js';
import { type ModuleCase, replayModule } from './losses_layers/modules.js';

interface Golden {
  readonly cases?: readonly Case[];
  readonly batch_norm?: readonly BatchNormCase[];
  readonly modules?: readonly ModuleCase[];
}

/** Layers and losses: outputs and the gradient of every input and weight, and batch normalisation over several steps. */
export const area: ParityArea = {
  name: 'losses_layers',
  tolerance: `${TOLERANCE} of the largest magnitude in a tensor`,
  async *replay(file) {
    const { cases = [], batch_norm = [], modules = [] } = JSON.parse(await readFile(file, 'utf8')) as Golden;
    for (const golden of cases) yield await compared(golden.id, (compare) => replayCase(golden, compare));
    for (const golden of batch_norm) yield await compared(golden.id, (compare) => replayBatchNorm(golden, compare));
    for (const golden of modules) yield await compared(golden.id, (compare) => replayModule(golden, compare));
  },
};

async function compared(id: string, replay: (compare: Comparison) => Promise<void> | void): Promise<ReplayResult> {
  const comparison = new Comparison();
  try {
    await replay(comparison);
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message.split('\n').join(' ')}` : String(error);
    return { id, ok: false, error: text };
  }
  const { maxError, fault } = comparison;
  return { id, ok: fault === undefined, maxError, ...(fault !== undefined && { error: fault }) };
}
