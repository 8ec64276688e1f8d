import { ImageFolder, Normalize, PackInputs, RandomHorizontalFlip, RandomResizedCrop, ToTensor } from '@engine/vision';
import type { Bench } from '../harness/bench.js';
import { pythonRival } from '../harness/python-rival.js';
import { loaderContender } from './contender.js';
import { PHOTOS, photoFolder } from './photos.js';

const BATCH = 64;
const ROUND = Math.ceil(PHOTOS / BATCH);

/** A folder of photographs through random resized crop, flip and normalisation. */
export function jpegs(numWorkers: number): Bench {
  return {
    name: `jpegs, ${numWorkers} workers`,
    aim: 1.2,
    unit: `a batch of ${BATCH} of ${PHOTOS} JPEGs, 500 x 375: random resized crop 224, flip, normalise`,
    rounds: 3,
    async prepare() {
      const root = await photoFolder();
      const pipeline = [
        { type: RandomResizedCrop, size: 224 },
        { type: RandomHorizontalFlip },
        { type: ToTensor },
        { type: Normalize, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
        { type: PackInputs },
      ];
      const dataset = { type: ImageFolder, root, pipeline };
      return {
        ours: await loaderContender({ dataset, batchSize: BATCH, shuffle: true, numWorkers }, 1),
        rival: await pythonRival({
          name: `PyTorch's DataLoader, ${numWorkers} workers,`,
          script: new URL('../loader.py', import.meta.url),
          args: ['jpegs', String(numWorkers), root],
          units: ROUND,
          warmUp: 1,
        }),
      };
    },
  };
}
