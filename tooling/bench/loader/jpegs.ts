import { ImageFolder, Normalize, PackInputs, RandomHorizontalFlip, RandomResizedCrop, ToTensor } from '@engine/vision';
import type { Bench } from '../harness/bench.js';
import { pythonRival } from '../harness/python-rival.js';
import { loaderContender } from './contender.js';
import { PHOTOS, photoFolder } from './photos.js';

const BATCH = 64;
/** Photographs of a round: every tenth, which is enough to see, and every picture among them. */
const DRAWN = Array.from({ length: PHOTOS / 10 }, (_, i) => i * 10 + (i % 10));

/** A folder of photographs through random resized crop, flip and normalisation. */
export function jpegs(numWorkers: number): Bench {
  return {
    name: `jpegs, ${numWorkers} workers`,
    aim: 1.2,
    unit: `a batch of ${BATCH} of ${PHOTOS} JPEGs, 500 x 375, 200 a round: random resized crop 224, flip, normalise`,
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
      const dataset = { type: ImageFolder, root, indices: DRAWN, pipeline };
      return {
        ours: await loaderContender({ dataset, batchSize: BATCH, shuffle: true, numWorkers }, 1),
        rival: await pythonRival({
          name: `PyTorch's DataLoader, ${numWorkers} workers,`,
          script: new URL('../loader.py', import.meta.url),
          args: ['jpegs', String(numWorkers), root],
          units: Math.ceil(DRAWN.length / BATCH),
          warmUp: 1,
        }),
      };
    },
  };
}
