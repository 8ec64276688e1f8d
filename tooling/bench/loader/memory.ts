import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench, Contender } from '../harness/bench.js';

const run = promisify(execFile);
const [IMAGES, BATCH, FEW, MANY, AHEAD] = [50_000, 128, 1, 8, 2];
const BATCH_MEGABYTES = (BATCH * 32 * 32 * 3 * 4) / 1e6;
const MARGIN = 1.2;

/** Resident memory at its highest in a process that loads two epochs, against 1.2 times that with one worker, and the batches made ahead. */
export const memory: Bench = {
  name: 'memory',
  aim: 1,
  unit: `${IMAGES} pictures of CIFAR's shape in batches of ${BATCH}, highest resident memory`,
  measure: 'MB',
  rounds: 3,
  async prepare() {
    const extra = (MANY - FEW) * AHEAD * BATCH_MEGABYTES;
    const rival: Contender = {
      name: `${MARGIN} times that with ${FEW} worker, and the other batches made ahead,`,
      round: async () => MARGIN * (await highest(FEW)) + extra,
    };
    return { ours: { name: `${MANY} workers`, round: () => highest(MANY) }, rival };
  },
};

async function highest(numWorkers: number): Promise<number> {
  const script = fileURLToPath(new URL('resident.ts', import.meta.url));
  const args = [...process.execArgv, script, String(numWorkers), String(IMAGES), String(BATCH)];
  return Number((await run(process.execPath, args)).stdout);
}
