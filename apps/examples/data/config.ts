// Training data from four worker threads, shown in docs/data.md.
import { defineConfig } from '@engine/standard';
import { Point, Spirals } from './spirals.ts';

export default defineConfig({
  workDir: 'runs/spirals',
  trainDataloader: {
    dataset: { type: Spirals, points: 200, pipeline: [{ type: Point, noise: 0.1 }] },
    batchSize: 16,
    shuffle: true,
    numWorkers: 4,
  },
});
