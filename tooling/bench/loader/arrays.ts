import type { Bench } from '../harness/bench.js';
import { pythonRival } from '../harness/python-rival.js';
import { loaderContender } from './contender.js';
import { BenchPictures } from './parts.js';

const IMAGES = 5120;
const BATCH = 128;
/** Of ours in a round, so that both sides are at work for a similar time. */
const EPOCHS = 8;

/** Pictures of CIFAR's shape, in memory, through crop with padding, flip and normalisation. */
export function arrays(numWorkers: number): Bench {
  return {
    name: `arrays, ${numWorkers} workers`,
    aim: 8,
    unit: `a batch of ${BATCH} pictures, 32 x 32 x 3: random crop with padding 4, flip, normalise`,
    async prepare() {
      const dataset = { type: BenchPictures, length: IMAGES };
      return {
        ours: await loaderContender({ dataset, batchSize: BATCH, shuffle: true, numWorkers }, EPOCHS),
        rival: await pythonRival({
          name: `PyTorch's DataLoader, ${numWorkers} workers,`,
          script: new URL('../loader.py', import.meta.url),
          args: ['arrays', String(numWorkers)],
          units: IMAGES / BATCH,
          warmUp: IMAGES / BATCH,
        }),
      };
    },
  };
}
