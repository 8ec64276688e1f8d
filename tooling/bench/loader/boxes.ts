import { pseudoCollateEntry } from '@engine/dataset';
import { LoadImageFromFile, PackInputs, Pad, RandomFlip, Resize } from '@engine/vision';
import type { Bench } from '../harness/bench.js';
import { pythonRival } from '../harness/python-rival.js';
import { BenchBoxes } from './box-photos.js';
import { loaderContender } from './contender.js';
import { photoFolder } from './photos.js';

const [IMAGES, BATCH] = [128, 16];

/** Photographs with boxes, as detectors take them: resize with the shape kept, flip, pad. */
export function boxes(numWorkers: number): Bench {
  return {
    name: `boxes, ${numWorkers} workers`,
    aim: 1,
    unit: `a batch of ${BATCH} JPEGs, 500 x 375, with 8 boxes each: resize to 533 x 400, flip, pad to 544 x 416`,
    rounds: 3,
    async prepare() {
      const root = await photoFolder();
      const pipeline = [
        { type: LoadImageFromFile },
        { type: Resize, size: 400 },
        { type: RandomFlip, prob: 0.5 },
        { type: Pad, sizeDivisor: 32 },
        { type: PackInputs },
      ];
      const dataset = { type: BenchBoxes, root, length: IMAGES, pipeline };
      const config = { dataset, batchSize: BATCH, shuffle: true, numWorkers, collateFn: { type: pseudoCollateEntry } };
      return {
        ours: await loaderContender(config, 1),
        rival: await pythonRival({
          name: `PyTorch's DataLoader, ${numWorkers} workers,`,
          script: new URL('../loader.py', import.meta.url),
          args: ['boxes', String(numWorkers), root],
          units: IMAGES / BATCH,
          warmUp: 1,
        }),
      };
    },
  };
}
